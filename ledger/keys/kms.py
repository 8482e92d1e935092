"""
Key-encryption keys under an external key management service: AWS KMS, or one that speaks as it does.

Each epoch has a KMS key of its own, which never leaves the service. Under it the service makes the epoch's AES-256 key;
here only its ciphertext is kept, with the epoch, and the service decrypts it once when a ring is opened. The encryption
context names the ring and the epoch, so that the ciphertext of one is refused for another. Destroying an epoch
schedules the deletion of its KMS key: when the waiting time is over, nothing opens any copy of what was wrapped under
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ledger.errors import KeyEncryptionKeyMissing, KeyStoreRefused, KeyStoreUnavailable
from ledger.keys.encryption_keys import MadeKey

SCHEME: Final = "kms"
DAYS_UNTIL_DELETED: Final = 7
"""The shortest waiting time that AWS takes. Until then an operator can still call the deletion off."""

_GONE: Final = frozenset(
    {"NotFoundException", "InvalidCiphertextException", "IncorrectKeyException", "KMSInvalidStateException"}
)
_FORBIDDEN: Final = frozenset({"AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException"})


class KmsKeys:
    """Key-encryption keys whose epochs are keys of a KMS. `client` is a KMS client of boto3."""

    kind = SCHEME

    def __init__(self, client: Any) -> None:
        self._client = client

    def make(self, ring: bytes, epoch: int) -> MadeKey:
        """Make a KMS key and, under it, the key of an epoch. Stopped halfway, it leaves a KMS key that nothing uses."""
        with _kms_errors(epoch):
            description = f"Beforehand: key-encryption key of ring {ring.hex()}, epoch {epoch}"
            place: str = self._client.create_key(Description=description)["KeyMetadata"]["KeyId"]
            made = self._client.generate_data_key(
                KeyId=place, KeySpec="AES_256", EncryptionContext=_context(ring, epoch)
            )
            return MadeKey(place, bytes(made["CiphertextBlob"]), bytes(made["Plaintext"]))

    def open(self, ring: bytes, epoch: int, place: str, sealed: bytes) -> bytes:
        """Have the key of an epoch decrypted. Raises `KeyEncryptionKeyMissing`, `KeyStoreUnavailable`."""
        with _kms_errors(epoch):
            answer = self._client.decrypt(KeyId=place, CiphertextBlob=sealed, EncryptionContext=_context(ring, epoch))
            return bytes(answer["Plaintext"])

    def destroy(self, ring: bytes, epoch: int, place: str) -> None:
        """Schedule the deletion of an epoch's KMS key. Where it is scheduled or gone already, this is done."""
        from botocore.exceptions import ClientError

        with _kms_errors(epoch), suppress(self._client.exceptions.NotFoundException):
            try:
                self._client.schedule_key_deletion(KeyId=place, PendingWindowInDays=DAYS_UNTIL_DELETED)
            except ClientError as error:
                if _code(error) != "KMSInvalidStateException":  # AWS's answer where it is scheduled already
                    raise


def kms_keys(address: str) -> KmsKeys:
    """
    Make key-encryption keys from an address: `kms://REGION`, or `kms://REGION?endpoint=https://…` for another service.

    Who asks is told to AWS's own library in its own ways (environment, profile, role of the machine). Raises
    `KeyStoreRefused`.
    """
    parts = urlsplit(address)
    if parts.scheme != SCHEME or not parts.hostname:
        raise KeyStoreRefused("This is not the address of a KMS. Write it as kms://REGION, such as kms://eu-west-2.")
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise KeyStoreRefused(
            "A KMS needs the library boto3, which is not installed. Install it with `uv sync --extra kms`."
        ) from None
    endpoint = parse_qs(parts.query).get("endpoint", [None])[0]
    config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
    return KmsKeys(boto3.client("kms", region_name=parts.hostname, endpoint_url=endpoint, config=config))


def _context(ring: bytes, epoch: int) -> dict[str, str]:
    return {"beforehand": "key-encryption key", "ring": ring.hex(), "epoch": str(epoch)}


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _kms_errors(epoch: int) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code in _GONE:
            raise KeyEncryptionKeyMissing(
                f"The KMS does not open the key-encryption key of epoch {epoch} ({code}). If its deletion is only "
                "scheduled, call it off. If the epoch was destroyed on purpose, this key store is older than that: "
                "take a newer copy of it."
            ) from None
        if code in _FORBIDDEN:
            raise KeyEncryptionKeyMissing(
                f"The KMS does not let this account use the key-encryption key of epoch {epoch} ({code}). "
                "Allow it kms:CreateKey, kms:GenerateDataKey, kms:Decrypt and kms:ScheduleKeyDeletion."
            ) from None
        raise KeyStoreUnavailable(f"The KMS refused this ({code}). Try again.") from None
    except BotoCoreError as error:
        raise KeyStoreUnavailable(
            f"The KMS cannot be reached ({type(error).__name__}). Look at its address and this account's access to it, "
            "then try again."
        ) from None
