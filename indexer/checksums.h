/* CRC-32 of pages as zlib has it: by carry-less multiplication where the processor has that, which
   takes a fifth of the time; else by zlib itself. */

#ifndef PASSAGES_CHECKSUMS_H
#define PASSAGES_CHECKSUMS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__) && !defined(_MSC_VER)
#define HAS_FOLDING 1
#include <immintrin.h>
#endif

static PyObject *crc32_of_zlib;

#ifdef HAS_FOLDING

/* The polynomial, and what comes of it, have the lowest power in the highest bit. */
enum { FOLDED = 64, LANE = 16, LANES = FOLDED / LANE };
static const uint32_t POLYNOMIAL = 0xEDB88320u;

static int can_fold;
static uint64_t folds_lane[2], folds_all[2];
static uint32_t crc_table[256];

/* x to a power, modulo the polynomial, as factors of products that are shifted by one bit. */
static uint64_t crc_power(int power)
{
    uint32_t found = 0x80000000u;
    while (power--)
        found = found & 1 ? found >> 1 ^ POLYNOMIAL : found >> 1;
    return (uint64_t)found << 1;
}

static void folding_make(void)
{
    can_fold = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse2");
    /* What a lane holds counts for so many bits more when others are put behind it. */
    folds_lane[0] = crc_power(8 * LANE + 32);
    folds_lane[1] = crc_power(8 * LANE - 32);
    folds_all[0] = crc_power(8 * FOLDED + 32);
    folds_all[1] = crc_power(8 * FOLDED - 32);
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        crc_table[byte] = crc;
    }
}

__attribute__((target("pclmul,sse2"))) static inline __m128i folded(__m128i lane, __m128i by,
                                                                    __m128i more)
{
    __m128i low = _mm_clmulepi64_si128(lane, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(lane, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), more);
}

/* Of at least FOLDED bytes. */
__attribute__((target("pclmul,sse2"))) static uint32_t crc_folded(const unsigned char *bytes,
                                                                  size_t size)
{
    __m128i lanes[LANES], by = _mm_set_epi64x((long long)folds_all[1], (long long)folds_all[0]);
    unsigned char last[LANE];
    uint32_t crc = 0;
    for (int lane = 0; lane < LANES; lane++)
        lanes[lane] = _mm_loadu_si128((const __m128i *)(bytes + LANE * lane));
    lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(-1));
    for (bytes += FOLDED, size -= FOLDED; size >= FOLDED; bytes += FOLDED, size -= FOLDED)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] = folded(lanes[lane], by,
                                 _mm_loadu_si128((const __m128i *)(bytes + LANE * lane)));
    by = _mm_set_epi64x((long long)folds_lane[1], (long long)folds_lane[0]);
    for (int lane = 1; lane < LANES; lane++)
        lanes[lane] = folded(lanes[lane - 1], by, lanes[lane]);
    _mm_storeu_si128((__m128i *)last, lanes[LANES - 1]);
    for (int at = 0; at < LANE; at++)
        crc = crc >> 8 ^ crc_table[(crc ^ last[at]) & 255];
    while (size--)
        crc = crc >> 8 ^ crc_table[(crc ^ *bytes++) & 255];
    return ~crc;
}

#endif

/* Called once, before any other; -1 with an exception. */
static int checksums_make(void)
{
    PyObject *zlib = PyImport_ImportModule("zlib");
    crc32_of_zlib = zlib ? PyObject_GetAttrString(zlib, "crc32") : NULL;
    Py_XDECREF(zlib);
#ifdef HAS_FOLDING
    folding_make();
#endif
    return crc32_of_zlib ? 0 : -1;
}

/* Whether bytes have a checksum; -1 with an exception. */
static int has_checksum(const unsigned char *bytes, size_t size, uint32_t expected)
{
    PyObject *view, *found;
    unsigned long crc;
#ifdef HAS_FOLDING
    if (can_fold && size >= FOLDED)
        return crc_folded(bytes, size) == expected;
#endif
    view = PyMemoryView_FromMemory((char *)bytes, (Py_ssize_t)size, PyBUF_READ);
    found = view ? PyObject_CallFunctionObjArgs(crc32_of_zlib, view, NULL) : NULL;
    Py_XDECREF(view);
    if (!found)
        return -1;
    crc = PyLong_AsUnsignedLong(found);
    Py_DECREF(found);
    return PyErr_Occurred() ? -1 : crc == expected;
}

#endif
