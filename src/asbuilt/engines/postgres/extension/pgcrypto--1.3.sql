CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
AS $$ SELECT substring(string_agg(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), ''::bytea) FROM 1 FOR $1)
      FROM generate_series(1, greatest(($1 + 31) / 32, 1)) $$;

CREATE FUNCTION digest(bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    CASE lower($2)
        WHEN 'md5' THEN RETURN decode(md5($1), 'hex');
        WHEN 'sha224' THEN RETURN sha224($1);
        WHEN 'sha256' THEN RETURN sha256($1);
        WHEN 'sha384' THEN RETURN sha384($1);
        WHEN 'sha512' THEN RETURN sha512($1);
        ELSE RAISE feature_not_supported USING MESSAGE = format('digest %L is not there on the embedded server', $2),
            HINT = 'use a server with the real pgcrypto';
    END CASE;
END $$;
CREATE FUNCTION digest(text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    CASE lower($2)
        WHEN 'md5' THEN RETURN decode(md5($1), 'hex');
        WHEN 'sha224' THEN RETURN sha224(convert_to($1, 'UTF8'));
        WHEN 'sha256' THEN RETURN sha256(convert_to($1, 'UTF8'));
        WHEN 'sha384' THEN RETURN sha384(convert_to($1, 'UTF8'));
        WHEN 'sha512' THEN RETURN sha512(convert_to($1, 'UTF8'));
        ELSE RAISE feature_not_supported USING MESSAGE = format('digest %L is not there on the embedded server', $2),
            HINT = 'use a server with the real pgcrypto';
    END CASE;
END $$;

CREATE FUNCTION hmac(data bytea, key bytea, type text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$
DECLARE
    size integer := CASE WHEN lower(type) IN ('sha384', 'sha512') THEN 128 ELSE 64 END;
    block bytea := key;
    inner_pad bytea := ''::bytea;
    outer_pad bytea := ''::bytea;
    hash text;
BEGIN
    hash := CASE lower(type) WHEN 'sha224' THEN 'sha224' WHEN 'sha256' THEN 'sha256' WHEN 'sha384' THEN 'sha384'
                             WHEN 'sha512' THEN 'sha512' END;
    IF hash IS NULL THEN
        RAISE feature_not_supported USING MESSAGE = format('hmac %L is not there on the embedded server', type),
            HINT = 'use a server with the real pgcrypto';
    END IF;
    IF length(block) > size THEN
        EXECUTE format('SELECT %I($1)', hash) INTO block USING block;
    END IF;
    block := block || decode(repeat('00', size - length(block)), 'hex');
    inner_pad := block;
    outer_pad := block;
    FOR i IN 0 .. size - 1 LOOP
        inner_pad := set_byte(inner_pad, i, get_byte(block, i) # 54);
        outer_pad := set_byte(outer_pad, i, get_byte(block, i) # 92);
    END LOOP;
    EXECUTE format('SELECT %I($1)', hash) INTO block USING inner_pad || data;
    EXECUTE format('SELECT %I($1)', hash) INTO block USING outer_pad || block;
    RETURN block;
END $$;
CREATE FUNCTION hmac(data text, key text, type text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$
DECLARE
    size integer := CASE WHEN lower(type) IN ('sha384', 'sha512') THEN 128 ELSE 64 END;
    block bytea := convert_to(key, 'UTF8');
    inner_pad bytea;
    outer_pad bytea;
    hash text := CASE lower(type) WHEN 'sha224' THEN 'sha224' WHEN 'sha256' THEN 'sha256' WHEN 'sha384' THEN 'sha384'
                                  WHEN 'sha512' THEN 'sha512' END;
BEGIN
    IF hash IS NULL THEN
        RAISE feature_not_supported USING MESSAGE = format('hmac %L is not there on the embedded server', type),
            HINT = 'use a server with the real pgcrypto';
    END IF;
    IF length(block) > size THEN
        EXECUTE format('SELECT %I($1)', hash) INTO block USING block;
    END IF;
    block := block || decode(repeat('00', size - length(block)), 'hex');
    inner_pad := block;
    outer_pad := block;
    FOR i IN 0 .. size - 1 LOOP
        inner_pad := set_byte(inner_pad, i, get_byte(block, i) # 54);
        outer_pad := set_byte(outer_pad, i, get_byte(block, i) # 92);
    END LOOP;
    EXECUTE format('SELECT %I($1)', hash) INTO block USING inner_pad || convert_to(data, 'UTF8');
    EXECUTE format('SELECT %I($1)', hash) INTO block USING outer_pad || block;
    RETURN block;
END $$;

CREATE FUNCTION crypt(text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    RAISE feature_not_supported USING MESSAGE = 'crypt is not there on the embedded server',
        HINT = 'use a server with the real pgcrypto, or hash passwords in the application';
END $$;
CREATE FUNCTION gen_salt(text) RETURNS text VOLATILE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    RAISE feature_not_supported USING MESSAGE = 'gen_salt is not there on the embedded server',
        HINT = 'use a server with the real pgcrypto, or hash passwords in the application';
END $$;
CREATE FUNCTION gen_salt(text, integer) RETURNS text VOLATILE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    RAISE feature_not_supported USING MESSAGE = 'gen_salt is not there on the embedded server',
        HINT = 'use a server with the real pgcrypto, or hash passwords in the application';
END $$;
CREATE FUNCTION pgp_sym_encrypt(text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    RAISE feature_not_supported USING MESSAGE = 'pgp_sym_encrypt is not there on the embedded server',
        HINT = 'use a server with the real pgcrypto';
END $$;
CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    RAISE feature_not_supported USING MESSAGE = 'pgp_sym_decrypt is not there on the embedded server',
        HINT = 'use a server with the real pgcrypto';
END $$;
