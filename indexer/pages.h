/* Pages of a file of arrays, which are looked at before anything of them is used; see arrays.py. */

#ifndef PASSAGES_PAGES_H
#define PASSAGES_PAGES_H

#include "checksums.h"
#include "numbers.h"

enum { PAGE_BITS = 12, PAGE_BYTES = 1 << PAGE_BITS };

typedef struct {
    Numbers data;
    Numbers checksums; /* by page */
    Py_buffer seen;    /* by page, whether it is known to be whole */
    PyObject *look_at; /* raises if some bytes are damaged */
} Pages;

/* What it goes to is zeroed before; pages_release() may be called in any case. */
static int pages_take(Pages *pages, PyObject *data, PyObject *checksums, PyObject *seen,
                      PyObject *look_at)
{
    Py_ssize_t count;
    Py_INCREF(look_at);
    pages->look_at = look_at;
    if (numbers_take(&pages->data, data) < 0 || numbers_take(&pages->checksums, checksums) < 0 ||
        PyObject_GetBuffer(seen, &pages->seen, PyBUF_WRITABLE) < 0)
        return -1;
    count = pages->data.size / PAGE_BYTES + (pages->data.size % PAGE_BYTES != 0);
    if (pages->data.width != 1 || pages->checksums.width != 4 || pages->checksums.size != count ||
        pages->seen.len != count) {
        PyErr_SetString(PyExc_ValueError, "each page has a checksum");
        return -1;
    }
    return 0;
}

static void pages_release(Pages *pages)
{
    numbers_release(&pages->data);
    numbers_release(&pages->checksums);
    if (pages->seen.obj)
        PyBuffer_Release(&pages->seen);
    Py_XDECREF(pages->look_at);
}

/* -1 with an exception unless the bytes from one place of the file to another are as they were
   written; they are in the file. */
static int pages_look_at(const Pages *pages, uint64_t start, uint64_t end)
{
    unsigned char *seen = pages->seen.buf;
    uint64_t page = start >> PAGE_BITS, behind = (end + PAGE_BYTES - 1) >> PAGE_BITS;
    if (behind > (uint64_t)pages->seen.len)
        behind = (uint64_t)pages->seen.len;
    for (; page < behind; page++) {
        size_t at = (size_t)page * PAGE_BYTES, left = (size_t)pages->data.size - at;
        int is_whole;
        if (seen[page])
            continue;
        is_whole = has_checksum(pages->data.bytes + at, left < PAGE_BYTES ? left : PAGE_BYTES,
                                (uint32_t)number_at(&pages->checksums, (Py_ssize_t)page));
        if (is_whole < 0)
            return -1;
        if (!is_whole) {
            PyObject *done = PyObject_CallFunction(
                pages->look_at, "KK", (unsigned long long)start, (unsigned long long)end);
            Py_XDECREF(done);
            return done ? 0 : -1;
        }
        seen[page] = 1;
    }
    return 0;
}

#endif
