"""A vector library of Python's, asked by a benchmark: library.py ENGINE VECTORS QUERIES DIMENSION.

VECTORS and QUERIES are files of float32. A graph takes long to build: it is kept in the folder
XIAOYUE_TEST_GRAPHS, where that is given, for the next run over as many vectors. Prints "ready SECONDS" when its index stands; then, for
each line on standard input with the number of a query, the microseconds that the search of the 20
nearest took on one thread and their numbers."""
import os
import sys
import time

import numpy as np

engine, vectors, queries, dimension = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
x = np.memmap(vectors, dtype=np.float32, mode="r").reshape(-1, dimension)
q = np.fromfile(queries, dtype=np.float32).reshape(-1, dimension)
began = time.perf_counter()

if engine == "faiss":
    import faiss

    index = faiss.IndexFlatIP(dimension)
    for at in range(0, len(x), 10000):
        index.add(np.ascontiguousarray(x[at : at + 10000]))
    faiss.omp_set_num_threads(1)

    def search(v):
        return index.search(v, 20)[1][0]

elif engine == "hnswlib":
    import hnswlib

    index = hnswlib.Index(space="ip", dim=dimension)
    kept = os.path.join(os.environ.get("XIAOYUE_TEST_GRAPHS", ""), f"hnswlib-{len(x)}")
    if os.path.exists(kept):
        index.load_index(kept, max_elements=len(x))
    else:
        index.init_index(max_elements=len(x), ef_construction=200, M=16)
        for at in range(0, len(x), 10000):
            index.add_items(x[at : at + 10000], np.arange(at, min(at + 10000, len(x))))
        if "XIAOYUE_TEST_GRAPHS" in os.environ:
            index.save_index(kept)
    index.set_num_threads(1)
    index.set_ef(200)

    def search(v):
        return index.knn_query(v, k=20)[0][0]

else:
    sys.exit("engine: faiss or hnswlib")

print("ready", time.perf_counter() - began, flush=True)
for line in sys.stdin:
    v = q[int(line) : int(line) + 1]
    began = time.perf_counter()
    found = search(v)
    took = (time.perf_counter() - began) * 1e6
    print(int(took), *found, flush=True)
