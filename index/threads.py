"""One thread for each piece of arithmetic: questions that come together share the cores."""

from functools import cache

import faiss
from threadpoolctl import threadpool_limits


@cache
def share_the_cores() -> None:
    """Have FAISS and numpy's linear algebra use one thread each, in the whole process.

    The matrices of a question are small, and threads that wait for each other at every product
    wait long on cores that others keep busy: beside two busy processes 652 questions took 29 s
    with two threads and 8 s with one.
    """
    faiss.omp_set_num_threads(1)
    threadpool_limits(1, user_api="blas")
