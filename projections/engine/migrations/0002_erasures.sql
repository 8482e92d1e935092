-- How often something was erased. It is part of the fence: whoever has read entries before an erasure writes no rows of
-- them after it.
ALTER TABLE {schema}.projection ADD COLUMN erasures bigint NOT NULL DEFAULT 0;
