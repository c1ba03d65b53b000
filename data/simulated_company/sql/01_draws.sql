-- Draws without a random state: a hash of the seed, a word and the number of the row. It is hashed
-- once more, because the hash of several values alone differs by a constant between two words.

create macro drawn_bits(word, row_number) as (
    hash(hash(getvariable('seed'), word, row_number::bigint))
);
create macro drawn_bits_of_two(word, row_number, other_number) as (
    hash(hash(hash(getvariable('seed'), word, row_number::bigint)), other_number::bigint)
);

-- From 0 to 1, 1 left out.
create macro draw(word, row_number) as (
    (drawn_bits(word, row_number) >> 11)::double / 9007199254740992.0
);
create macro draw_of_two(word, row_number, other_number) as (
    (hash(drawn_bits_of_two(word, row_number, other_number)) >> 11)::double / 9007199254740992.0
);

-- A whole number from 0 to choices - 1.
create macro choose(choices, word, row_number) as (
    (drawn_bits(word, row_number) % choices::ubigint)::integer
);
create macro choose_of_two(choices, word, row_number, other_number) as (
    (hash(drawn_bits_of_two(word, row_number, other_number)) % choices::ubigint)::integer
);

-- An id that looks like one: 16 hexadecimal digits.
create macro id_of(word, row_number) as (
    lpad(lower(to_hex(drawn_bits(word, row_number))), 16, '0')
);

-- How many there are of a thing that a company with 20,000 contacts has thing_count of.
create macro scaled(thing_count) as (
    greatest(1, (thing_count::bigint * getvariable('contacts') // 20000)::bigint)
);
