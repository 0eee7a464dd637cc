#!/usr/bin/env python3
"""Runs the llama.cpp server of the package xllamacpp, OpenAI-compatible, until it is killed. Prints
"ready" when it serves.

usage: llama.py chat|embed MODEL.gguf NAME PORT
"""
import signal
import sys

import xllamacpp

CONTEXT = {"chat": 2048, "embed": 512}  # tokens of each of the two slots


def parameters(role, model, name, port):
    p = xllamacpp.CommonParams()
    p.model.path, p.model_alias, p.offline = model, {name}, True
    p.hostnames, p.port, p.ui = ["127.0.0.1"], int(port), False
    p.n_parallel = 2
    p.n_ctx = p.n_parallel * CONTEXT[role]
    p.ctx_shift, p.use_jinja = False, True
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
    if role == "embed":
        p.embedding = True
        p.n_batch = p.n_ubatch = CONTEXT[role]
        p.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_CLS
    return p


def main():
    server = xllamacpp.Server(parameters(*sys.argv[1:]))
    print("ready", server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
