CREATE FUNCTION uuid_nil() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN '00000000-0000-0000-0000-000000000000'::uuid;
CREATE FUNCTION uuid_ns_dns() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_url() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_oid() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_x500() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_generate_v4() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN gen_random_uuid();
CREATE FUNCTION uuid_generate_v1() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN overlay(gen_random_uuid()::text PLACING '1' FROM 15 FOR 1)::uuid;
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN overlay(gen_random_uuid()::text PLACING '1' FROM 15 FOR 1)::uuid;
CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN overlay(overlay(md5(uuid_send(namespace) || convert_to(name, 'UTF8')) PLACING '3' FROM 13 FOR 1)
           PLACING to_hex(8 | ((get_byte(decode(md5(uuid_send(namespace) || convert_to(name, 'UTF8')), 'hex'), 8) >> 4) & 3))
           FROM 17 FOR 1)::uuid;
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
AS $$ BEGIN
    RAISE feature_not_supported USING MESSAGE = 'uuid_generate_v5 is not there on the embedded server',
        HINT = 'use a server with the real uuid-ossp';
END $$;
