"""Settings of a server, from the environment. Dangerous ones are refused with a sentence."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.errors import KeyStoreRefused


class Settings(BaseSettings):
    """What a server needs to know. Names in the environment begin with `BEFOREHAND_`, but for `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix="BEFOREHAND_", frozen=True)

    database_url: SecretStr = Field(validation_alias="DATABASE_URL", description="Where the database is.")
    authority: str = Field(
        default="sample",
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="The authority served; its schema has this name.",
    )
    origin: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)+)?$",
        max_length=200,
        description="The name of the log for all time, as a URL without a scheme: `ledger.example.gov.uk/la/873/1`.",
    )
    keys: SecretStr | None = Field(
        default=None,
        description="Where the keys are, apart from the database: a folder, or the address of another database.",
    )
    database_role: str = Field(
        default="beforehand_app",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$|^$",
        description="What the server acts as in the database. Empty: as the account that connects.",
    )
    published: Path | None = Field(default=None, description="The folder that the log is published in.")
    lock_store: Path | None = Field(
        default=None,
        description="The folder of the lock store, on another disk than the database: to publish from this server.",
    )
    signing_keys: Path | None = Field(default=None, description="The folder of the keys that sign checkpoints.")
    trust_policy: Path | None = Field(
        default=None, description="The log's trust policy: its witnesses, and how many are enough (C2SP tlog-policy)."
    )
    cosign_every: int = Field(
        default=60, ge=1, le=3600, description="Seconds after which witnesses are asked again to cosign."
    )
    timestamp_authorities: Path | None = Field(
        default=None, description="The file that names time-stamping authorities (RFC 3161); none is asked without it."
    )
    key_encryption_keys: str | None = Field(
        default=None,
        description="Where the keys are that wrap those keys: a folder, or `kms://REGION`. "
        "Where nothing is said, they are beside a folder of keys.",
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8265, ge=0, le=65535)
    pool_size: int = Field(default=8, ge=2, le=50, description="Connections for reading, for all of the server.")
    webhooks_to_private_networks: bool = Field(
        default=False,
        description="Whether webhooks may call machines of the network this server stands in, not public ones only.",
    )

    @property
    def where_keys_are(self) -> str:
        """Give where the keys are. Raises `KeyStoreRefused` where nobody has said so."""
        if self.keys is None:
            raise KeyStoreRefused(
                "Nobody has said where the keys of this authority are. Set BEFOREHAND_KEYS to a folder, "
                "or to the address of a database that is not the one of the records."
            )
        return self.keys.get_secret_value()

    @property
    def log_origin(self) -> str:
        """Give the name of the log."""
        return self.origin or f"beforehand.example/la/{self.authority}/1"

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        """Until this server can tell who is asking, it must not be reachable from elsewhere."""
        try:
            loopback = host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError(
                "This version cannot check who is asking, so it listens on this machine only. "
                "Use 127.0.0.1, ::1 or localhost as the host."
            )
        return host
