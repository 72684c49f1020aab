/* Arrays of unsigned numbers of 1, 2, 4 or 8 bytes that Python holds, in the host's byte order. */

#ifndef PASSAGES_NUMBERS_H
#define PASSAGES_NUMBERS_H

typedef struct {
    Py_buffer view; /* its obj is NULL while nothing is held */
    const unsigned char *bytes;
    Py_ssize_t size; /* in numbers */
    int width;       /* of one, in bytes */
} Numbers;

/* Hold an array until numbers_release(), which may be called in any case; -1 with an exception if it
   is none. What it goes to is zeroed before. */
static int numbers_take(Numbers *numbers, PyObject *from)
{
    if (PyObject_GetBuffer(from, &numbers->view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0)
        return -1;
    numbers->bytes = numbers->view.buf;
    numbers->width = (int)numbers->view.itemsize;
    if (numbers->view.ndim != 1 || (numbers->width != 1 && numbers->width != 2 &&
                                    numbers->width != 4 && numbers->width != 8)) {
        PyBuffer_Release(&numbers->view);
        PyErr_SetString(PyExc_ValueError, "rows of numbers of 1, 2, 4 or 8 bytes are wanted");
        return -1;
    }
    numbers->size = numbers->view.len / numbers->width;
    return 0;
}

static void numbers_release(Numbers *numbers)
{
    if (numbers->view.obj)
        PyBuffer_Release(&numbers->view);
}

/* The number at a place of bytes of any alignment. */
static inline uint64_t number_in(const unsigned char *bytes, int width, Py_ssize_t place)
{
    switch (width) {
    case 1:
        return bytes[place];
    case 2: {
        uint16_t number;
        memcpy(&number, bytes + 2 * place, sizeof number);
        return number;
    }
    case 4: {
        uint32_t number;
        memcpy(&number, bytes + 4 * place, sizeof number);
        return number;
    }
    default: {
        uint64_t number;
        memcpy(&number, bytes + 8 * place, sizeof number);
        return number;
    }
    }
}

static inline uint64_t number_at(const Numbers *numbers, Py_ssize_t place)
{
    return number_in(numbers->bytes, numbers->width, place);
}

#endif
