/* Numbers for byte strings, counted from 0 in the order in which they were first asked for. */

#ifndef INDEXER_TEXT_NAMES_H
#define INDEXER_TEXT_NAMES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAMES 0x7FFFFFF0u
/* What to expect of what may have any number. */
enum { MANY_NAMES = (1 << 11) - 1 };

/* Where a name is found: its hash, and 1 + its number; 0: free. */
typedef struct {
    uint32_t hash, number;
} Slot;

typedef struct {
    Slot *slots;
    size_t mask;
    uint64_t seed;
    char *bytes;
    size_t bytes_used, bytes_room;
    size_t *starts; /* by number, and one more where the last one ends */
    uint32_t *hashes;
    size_t count, room;
} Names;

/* Room for count things of a size in all; 0 if there is none. */
static int
grown(void **things, size_t *room, size_t count, size_t size)
{
    size_t wanted = *room ? *room : 64;
    void *more;
    if (count <= *room)
        return 1;
    while (wanted < count) {
        if (wanted > SIZE_MAX / 2 / size)
            return 0;
        wanted += wanted / 2;
    }
    more = realloc(*things, wanted * size);
    if (!more)
        return 0;
    *things = more;
    *room = wanted;
    return 1;
}

static uint32_t
hash_of(const Names *names, const char *name, size_t size)
{
    uint64_t hash = names->seed ^ size, word;
    for (; size >= 8; size -= 8, name += 8) {
        memcpy(&word, name, 8);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    if (size) {
        for (word = 0; size; size--)
            word = word << 8 | (unsigned char)name[size - 1];
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0xC2B2AE3D27D4EB4F);
    return (uint32_t)(hash >> 32);
}

/* Begin with room for so many names, of which there may be more; 0 if there is none. */
static int
names_begin(Names *names, uint64_t seed, size_t expected)
{
    memset(names, 0, sizeof *names);
    names->seed = seed;
    names->mask = 255;
    while (names->mask < 2 * expected)
        names->mask = 2 * names->mask + 1;
    names->slots = calloc(names->mask + 1, sizeof *names->slots);
    names->starts = calloc(1, sizeof *names->starts);
    return names->slots && names->starts;
}

static void
names_end(Names *names)
{
    free(names->slots);
    free(names->bytes);
    free(names->starts);
    free(names->hashes);
    memset(names, 0, sizeof *names);
}

static int
names_rehash(Names *names)
{
    size_t mask = 2 * names->mask + 1, place, number;
    Slot *slots = calloc(mask + 1, sizeof *slots);
    if (!slots)
        return 0;
    for (number = 0; number < names->count; number++) {
        place = names->hashes[number] & mask;
        while (slots[place].number)
            place = (place + 1) & mask;
        slots[place].hash = names->hashes[number];
        slots[place].number = (uint32_t)number + 1;
    }
    free(names->slots);
    names->slots = slots;
    names->mask = mask;
    return 1;
}

static const char *
name_at(const Names *names, size_t number, size_t *size)
{
    *size = names->starts[number + 1] - names->starts[number];
    return names->bytes + names->starts[number];
}

/* The slot of a name: where it is, or the free one where it goes. */
static size_t
slot_of(const Names *names, uint32_t hash, const char *name, size_t size)
{
    size_t place = hash & names->mask, own;
    while (names->slots[place].number) {
        if (names->slots[place].hash == hash) {
            const char *known = name_at(names, names->slots[place].number - 1, &own);
            if (own == size && !memcmp(known, name, size))
                break;
        }
        place = (place + 1) & names->mask;
    }
    return place;
}

/* The number of a name, which may be new; -1 without memory. */
static int64_t
number_of(Names *names, const char *name, size_t size)
{
    uint32_t hash = hash_of(names, name, size);
    size_t place = slot_of(names, hash, name, size), room;
    if (names->slots[place].number)
        return (int64_t)names->slots[place].number - 1;
    if (names->count >= MOST_NAMES || size > SIZE_MAX / 4 - names->bytes_used)
        return -1;
    /* Without memory for more slots some may be free still, of which one ends each look. */
    if (names->count + 1 >= names->mask)
        return -1;
    if (!grown((void **)&names->bytes, &names->bytes_room, names->bytes_used + size, 1))
        return -1;
    if (names->count == names->room) {
        size_t *starts;
        room = names->room;
        if (!grown((void **)&names->hashes, &names->room, names->count + 1, sizeof *names->hashes))
            return -1;
        starts = realloc(names->starts, (names->room + 1) * sizeof *starts);
        if (!starts) {
            names->room = room;
            return -1;
        }
        names->starts = starts;
    }
    if (size)
        memcpy(names->bytes + names->bytes_used, name, size);
    names->bytes_used += size;
    names->hashes[names->count] = hash;
    names->slots[place].hash = hash;
    names->slots[place].number = (uint32_t)++names->count;
    names->starts[names->count] = names->bytes_used;
    if (2 * names->count > names->mask)
        (void)names_rehash(names); /* else it is tried again with the next one */
    return (int64_t)names->count - 1;
}

#endif
