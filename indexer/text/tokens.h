/* The tokens of a piece of ASCII without white space, and what each is indexed under.

The definition is indexer/text/analysis.py: token_pattern() and forms_of(). Pieces are short of the
most characters and joiners a token has there.
*/

#ifndef INDEXER_TEXT_TOKENS_H
#define INDEXER_TEXT_TOKENS_H

#include <string.h>

#include "names.h"

#define LONGEST_PIECE 1000

typedef struct {
    int32_t term, offset;
} Entry;

typedef struct {
    Entry *entries;
    size_t count, room;
} Entries;

static int
add_entry(Entries *to, int64_t term, int64_t offset)
{
    if (term < 0 || !grown((void **)&to->entries, &to->room, to->count + 1, sizeof *to->entries))
        return 0;
    to->entries[to->count].term = (int32_t)term;
    to->entries[to->count++].offset = (int32_t)offset;
    return 1;
}

static int
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static int
is_splitter(char c)
{
    return c && strchr("'-.&@_", c) != NULL;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Whether a comma groups three digits; the character at a place of the piece. */
static int
groups(const char *piece, size_t at, size_t size)
{
    size_t next;
    if (at < 1 || !is_digit(piece[at - 1]) || at + 3 >= size)
        return 0;
    if (at >= 4 && is_digit(piece[at - 2]) && is_digit(piece[at - 3]) && is_digit(piece[at - 4]))
        return 0;
    for (next = at + 1; next <= at + 3; next++)
        if (!is_digit(piece[next]))
            return 0;
    return at + 4 == size || !is_digit(piece[at + 4]);
}

/* Where the token that begins at a place ends; that place if none does. */
static size_t
token_end(const char *piece, size_t start, size_t size)
{
    size_t at = start, plus;
    char c = piece[at];
    if (!is_word(c)) {
        if (at + 1 == size || !(c == '.' ? is_letter(piece[at + 1]) : is_word(piece[at + 1])))
            return start;
        if (c != '@' && c != '#' && c != '.')
            return start;
        if (at > 0 && !(piece[at - 1] && strchr(" ([{\"'/<>=:;,|*~-", piece[at - 1])))
            return start;
        at++;
    }
    for (;;) {
        while (at < size && is_word(piece[at]))
            at++;
        if (at + 1 >= size || !is_word(piece[at + 1]))
            break;
        c = piece[at];
        if (c != '\'' && c != '.' && c != '&' && c != '@' && c != '-'
            && !(c == ',' && groups(piece, at, size)))
            break;
        at++;
    }
    plus = 0;
    while (at + plus < size && piece[at + plus] == '+')
        plus++;
    if (!plus && at < size && piece[at] == '#')
        plus = 1;
    if (plus == 1 || plus == 2) {
        c = at + plus < size ? piece[at + plus] : ' ';
        if (!is_word(c) && c != '+' && c != '#')
            at += plus;
    }
    return at;
}

static int
is_contraction(const char *word, size_t size)
{
    if (size == 1)
        return strchr("stdm", word[0]) != NULL;
    return size == 2
        && (!memcmp(word, "ll", 2) || !memcmp(word, "re", 2) || !memcmp(word, "ve", 2));
}

/* Add what a token is indexed under: its atoms and then what they are joined to; *width grows by
   the positions it takes. 0 without memory. */
static int
add_token(Names *terms, const char *token, size_t size, int64_t *width, Entries *atoms,
          Entries *wholes)
{
    /* The last atom, a joiner and the next; or a sign and the first. */
    char joined[2 * LONGEST_PIECE + 4], word[LONGEST_PIECE];
    char first[LONGEST_PIECE + 1];
    size_t left = 0, own, at, end, first_size = 0, core = size;
    int64_t start = *width;
    char prefix = token[0], joiner = 0;
    at = prefix == '@' || prefix == '#' || prefix == '.' ? 1 : 0;
    while (core > at && (token[core - 1] == '+' || token[core - 1] == '#'))
        core--;
    while (at < core) {
        if (is_splitter(token[at])) {
            end = at + 1;
            while (end < core && is_splitter(token[end]))
                end++;
            joiner = end - at > 1 ? '-' : token[at];
            at = end;
            continue;
        }
        own = 0;
        for (end = at; end < core && !is_splitter(token[end]); end++)
            if (token[end] != ',')
                word[own++] = lower(token[end]);
        if (*width > start) {
            joined[left] = joiner;
            memcpy(joined + left + 1, word, own);
            if (joiner == '\'' && end == core && is_contraction(word, own)) {
                if (!add_entry(wholes, number_of(terms, joined, left + 1 + own), *width - 1))
                    return 0;
                at = end;
                continue;
            }
            if (joiner != '-'
                && !add_entry(wholes, number_of(terms, joined, left + 1 + own), *width - 1))
                return 0;
        } else {
            memcpy(first + 1, word, own);
            first_size = own;
        }
        if (!add_entry(atoms, number_of(terms, word, own), *width))
            return 0;
        memcpy(joined, word, own);
        left = own;
        ++*width;
        at = end;
    }
    if (*width == start)
        return 1;
    if (prefix == '@' || prefix == '#' || prefix == '.') {
        first[0] = prefix;
        if (!add_entry(wholes, number_of(terms, first, first_size + 1), start))
            return 0;
    }
    if (core < size) {
        memcpy(joined + left, token + core, size - core);
        if (!add_entry(wholes, number_of(terms, joined, left + size - core), *width - 1))
            return 0;
    }
    return 1;
}

#endif
