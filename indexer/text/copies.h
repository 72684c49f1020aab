/* Whether texts are copies, for those that are plain: the twin of ``copies``. */

#ifndef INDEXER_TEXT_COPIES_H
#define INDEXER_TEXT_COPIES_H

#include "names.h"

enum { LEAST_WORDS = 10, LONG_WORDS = 20, SHORT_PERCENT = 60, LONG_PERCENT = 50 };
/* A longer text is not plain, nor is one of letters with accents that has more joiners: there words
   are cut, see ``analysis``. */
enum { MOST_PLAIN_CHARS = 10000, MOST_JOINERS = 1000 };
/* About so many of a text are a word and what stands behind it. */
enum { CHARS_OF_A_WORD = 4 };
/* For the characters of any plain text, as some letters are folded to two. */
enum { PLAIN_ROOM = 2 * MOST_PLAIN_CHARS };

/* Whether texts of two lengths below 2^32 may be copies. */
static inline int are_as_long(uint64_t one, uint64_t other)
{
    return 100 * (one < other ? one : other) >= LONG_PERCENT * (one < other ? other : one);
}

static inline int is_small(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* What a character is to the words of a plain text: itself, an apostrophe, or a space; 0: it is no
   such sign. ``analysis.SIMPLER_SIGNS`` has what is plain beside ASCII and letters. */
static unsigned char plain_char(uint32_t code)
{
    static const uint16_t between[] = {
        0xA0, 0xA3, 0xA5, 0xA7, 0xA9, 0xAB, 0xAE, 0xB0, 0xB1, 0xB6, 0xBB, 0xD7, 0xF7,
        0x2013, 0x2014, 0x201C, 0x201D, 0x201E, 0x2020, 0x2022, 0x2026, 0x2039, 0x203A, 0x20AC,
        0x2190, 0x2191, 0x2192, 0x21A9, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265,
    };
    if (code < 128)
        return code >= 'A' && code <= 'Z' ? (unsigned char)(code + 32)
               : code                     ? (unsigned char)code
                                          : ' ';
    if (code == 0x2018 || code == 0x2019)
        return '\'';
    for (size_t at = 0; at < sizeof between / sizeof *between; at++)
        if (between[at] == code)
            return ' ';
    return 0;
}

/* What letters from U+00C0 on are folded to, of two characters each; "?": it is not plain. */
enum { FIRST_LATIN = 0xC0, LAST_LATIN = 0x17F };
static const char latin[] =
    "a a a a a a aec e e e e i i i i d n o o o o o ? o u u u u y thss"
    "a a a a a a aec e e e e i i i i d n o o o o o ? o u u u u y thy "
    "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
    "g g g g h h h h i i i i i i i i i i ijijj j k k ? l l l l l l ? "
    "? l l n n n n n n ? ? ? o o o o o o oeoer r r r r r s s s s s s "
    "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";

/* A text of UTF-8 in the plain characters of its words; how many, -1 if it is not plain. There is
   room for as many as it has bytes, or for PLAIN_ROOM. */
static int plain_text(const unsigned char *text, size_t size, unsigned char *plain)
{
    int number = 0, chars = 0, joiners = 0, has_latin = 0;
    unsigned char own;
    for (size_t at = 0; at < size;) {
        uint32_t code = text[at++];
        if (code >= 0x80) { /* what is plain has two bytes or three */
            int more = code >= 0xC0 && code < 0xE0 ? 1 : code >= 0xE0 && code < 0xF0 ? 2 : 0;
            if (!more || (size_t)more > size - at)
                return -1;
            code &= more == 1 ? 0x1F : 0x0F;
            for (; more; more--)
                code = code << 6 | (text[at++] & 0x3F);
        }
        if (chars++ == MOST_PLAIN_CHARS)
            return -1;
        own = plain_char(code);
        if (own) {
            plain[number++] = own;
            continue;
        }
        if (code < FIRST_LATIN || code > LAST_LATIN || latin[2 * (code - FIRST_LATIN)] == '?')
            return -1;
        has_latin = 1;
        plain[number++] = (unsigned char)latin[2 * (code - FIRST_LATIN)];
        if (latin[2 * (code - FIRST_LATIN) + 1] != ' ')
            plain[number++] = (unsigned char)latin[2 * (code - FIRST_LATIN) + 1];
    }
    for (int at = 0; has_latin && at < number; at++)
        joiners += strchr("'.&@-_", plain[at]) != NULL;
    return joiners > MOST_JOINERS ? -1 : number;
}

/* How long the contraction is that begins with the apostrophe at a place; 0: it is none. */
static int contraction_at(const unsigned char *plain, int at, int size)
{
    int end = at + 1;
    if (at == 0 || !is_small(plain[at - 1]) || end >= size)
        return 0;
    if (strchr("dmst", plain[end]))
        end++;
    else if (end + 1 < size && (!memcmp(plain + end, "ll", 2) || !memcmp(plain + end, "re", 2) ||
                                !memcmp(plain + end, "ve", 2)))
        end += 2;
    else
        return 0;
    if (end < size && (is_small(plain[end]) || plain[end] == '_'))
        return 0;
    if (end + 1 < size && strchr("'.&@-", plain[end]) &&
        (is_small(plain[end + 1]) || plain[end + 1] == '_'))
        return 0;
    return end - at;
}

/* Leave what ends contractions out; how many characters stay. */
static int without_contractions(unsigned char *plain, int size)
{
    int to = 0;
    for (int at = 0; at < size;) {
        int own = plain[at] == '\'' ? contraction_at(plain, at, size) : 0;
        if (own)
            at += own;
        else
            plain[to++] = plain[at++];
    }
    return to;
}

/* Leave the commas of grouped numbers out; how many characters stay. */
static int without_commas(unsigned char *plain, int size)
{
    int to = 0, digits = 0; /* so many stand right before */
    for (int at = 0; at < size; at++) {
        int is_digit_here = plain[at] >= '0' && plain[at] <= '9', behind = 0;
        if (plain[at] == ',' && digits > 0 && digits < 4) {
            while (behind < 4 && at + 1 + behind < size && plain[at + 1 + behind] >= '0' &&
                   plain[at + 1 + behind] <= '9')
                behind++;
        }
        digits = is_digit_here ? digits + 1 : 0;
        if (behind != 3)
            plain[to++] = plain[at];
    }
    return to;
}

/* The numbers of the words of a text in order; how many, -1 if it is not plain, -2 without memory.
   There is room for its characters, and for half as many numbers. */
static int plain_words(Names *names, const unsigned char *text, size_t size, unsigned char *plain,
                       uint32_t *words)
{
    int length = plain_text(text, size, plain), count = 0;
    if (length < 0)
        return -1;
    if (memchr(plain, ',', (size_t)length))
        length = without_commas(plain, length);
    if (memchr(plain, '\'', (size_t)length))
        length = without_contractions(plain, length);
    for (int at = 0; at < length;) {
        int begin = at;
        int64_t number;
        while (at < length && is_small(plain[at]))
            at++;
        if (at == begin) {
            at++;
            continue;
        }
        number = number_of(names, (const char *)plain + begin, (size_t)(at - begin));
        if (number < 0)
            return -2;
        words[count++] = (uint32_t)number;
    }
    return count;
}

/* Pairs of words, with the last text that each stands in. */
typedef struct {
    uint64_t pair;
    uint32_t text; /* 0: the slot is free */
    uint32_t is_own;
} Pair;

typedef struct {
    Pair *slots;
    size_t mask, used;
} Pairs;

static Pair *pair_slot(const Pairs *pairs, uint64_t pair)
{
    uint64_t hash = pair * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 32) & pairs->mask;
    while (pairs->slots[at].text && pairs->slots[at].pair != pair)
        at = (at + 1) & pairs->mask;
    return &pairs->slots[at];
}

/* Room for so many more pairs; 0 if there is none. */
static int pairs_room(Pairs *pairs, size_t more)
{
    Pairs larger = {NULL, pairs->slots ? pairs->mask : 255, pairs->used};
    while (larger.mask < 2 * (pairs->used + more))
        larger.mask = 2 * larger.mask + 1;
    if (pairs->slots && larger.mask == pairs->mask)
        return 1;
    larger.slots = calloc(larger.mask + 1, sizeof *larger.slots);
    if (!larger.slots)
        return 0;
    for (size_t at = 0; pairs->slots && at <= pairs->mask; at++)
        if (pairs->slots[at].text)
            *pair_slot(&larger, pairs->slots[at].pair) = pairs->slots[at];
    free(pairs->slots);
    *pairs = larger;
    return 1;
}

/* Take the pairs of a text, which is the first or another: how many it has, and shares with the
   first. 0 without memory. */
static int pairs_take(Pairs *pairs, const uint32_t *words, int count, uint32_t text,
                      int64_t *different, int64_t *shared)
{
    *different = *shared = 0;
    if (!pairs_room(pairs, count > 1 ? (size_t)count - 1 : 0))
        return 0;
    for (int at = 0; at + 1 < count; at++) {
        uint64_t both = (uint64_t)words[at] << 32 | words[at + 1];
        Pair *slot = pair_slot(pairs, both);
        if (slot->text == text)
            continue;
        if (!slot->text) {
            pairs->used++;
            slot->pair = both;
            slot->is_own = text == 1;
        }
        slot->text = text;
        ++*different;
        *shared += slot->is_own;
    }
    return 1;
}

enum { NOT_PLAIN = -1, NO_COPY, COPY };

/* A text of UTF-8, and what is found of it. */
typedef struct {
    const unsigned char *text;
    size_t size;
    int found;
} Compared;

/* What is needed to compare texts. */
typedef struct {
    Names names;
    Pairs pairs;
    unsigned char *plain;
    uint32_t *own, *others;
} Comparing;

/* Whether others are copies of a text, and whether it is plain itself; 0 without memory. */
static int compare(Comparing *room, Compared *own, Compared *others, size_t number, uint64_t seed)
{
    int count, is_done;
    int64_t pairs, shared;
    size_t most = own->size, expected;
    memset(room, 0, sizeof *room);
    for (size_t at = 0; at < number; at++)
        most = others[at].size > most ? others[at].size : most;
    most = most < PLAIN_ROOM ? most + 2 : PLAIN_ROOM; /* characters take a byte or more */
    room->plain = malloc(most);
    room->own = malloc(most / 2 * sizeof *room->own);
    room->others = malloc(most / 2 * sizeof *room->others);
    expected = most / CHARS_OF_A_WORD;
    expected = expected < MANY_NAMES ? expected : MANY_NAMES;
    is_done = names_begin(&room->names, seed, expected) && room->plain && room->own && room->others;
    count = is_done ? plain_words(&room->names, own->text, own->size, room->plain, room->own) : 0;
    own->found = count < 0 ? NOT_PLAIN : COPY;
    is_done = is_done && count > -2 &&
              pairs_take(&room->pairs, room->own, count, 1, &pairs, &shared);
    for (size_t at = 0; is_done && at < number; at++) {
        Compared *other = &others[at];
        int fewer, words = -1;
        int64_t different;
        if (count >= 0)
            words = plain_words(&room->names, other->text, other->size, room->plain, room->others);
        fewer = words < count ? words : count;
        if (words < -1) {
            is_done = 0;
        } else if (words < 0) {
            other->found = NOT_PLAIN;
        } else if (fewer < LEAST_WORDS || !are_as_long((uint64_t)words, (uint64_t)count)) {
            other->found = words == count && !memcmp(room->own, room->others,
                                                     (size_t)count * sizeof *room->own)
                               ? COPY
                               : NO_COPY;
        } else if (pairs_take(&room->pairs, room->others, words, (uint32_t)at + 2, &different,
                              &shared)) {
            int percent = fewer >= LONG_WORDS ? LONG_PERCENT : SHORT_PERCENT;
            other->found = 100 * shared >= percent * (pairs + different - shared) ? COPY : NO_COPY;
        } else {
            is_done = 0;
        }
    }
    names_end(&room->names);
    free(room->pairs.slots);
    free(room->plain);
    free(room->own);
    free(room->others);
    return is_done;
}

#endif
