#!/usr/bin/env python3
"""Writes the embedding model bge-small-zh-v1.5, fp32 ONNX with its tokenizer.json, as a GGUF with half
precision matrices, which llama.cpp and Ollama load. Needs nothing beyond Python.

usage: gguf.py MODEL.onnx TOKENIZER.json OUT.gguf
"""
import json
import struct
import sys
from array import array


def fields(data):
    """The fields of a protobuf message: number and value, a memoryview or an int."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while at < len(data):
        key = varint()
        kind, width = key & 7, 0
        if kind == 0:
            yield key >> 3, varint()
            continue
        width = {1: 8, 5: 4}.get(kind) or varint()
        yield key >> 3, data[at : at + width]
        at += width


def collect(message):
    """A message as a dict of lists by field number."""
    out = {}
    for number, value in fields(message):
        out.setdefault(number, []).append(value)
    return out


def text(value):
    return bytes(value).decode()


def tensors(path):
    """The weights of an ONNX file by their PyTorch names: shape and floats, rows first.

    Matrices of linear layers are transposed and nameless in ONNX; the node that uses one tells its name.
    """
    with open(path, "rb") as file:
        graph = collect(collect(memoryview(file.read()))[7][0])
    out, nameless = {}, {}
    for message in graph[5]:
        tensor = collect(message)
        if tensor[2] != [1]:  # not fp32: constants of shape operations
            continue
        shape, values = tensor.get(1, []), array("f", bytes(tensor[9][0]))
        name = text(tensor[8][0])
        (nameless if name.startswith("onnx::") else out)[name] = shape, values
    for message in graph[1]:
        node = collect(message)
        if text(node[4][0]) == "MatMul" and text(node[1][-1]) in nameless:
            (rows, columns), values = nameless[text(node[1][-1])]
            turned = array("f")
            for column in range(columns):
                turned.extend(values[column::columns])
            name = text(node[3][0]).removesuffix("/MatMul").strip("/").replace("/", ".")
            out[name + ".weight"] = [columns, rows], turned
    return out


# The names of GGUF's BERT by PyTorch's.
TOP = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def gguf_name(name):
    module, kind = name.rsplit(".", 1)
    if module in TOP:
        return f"{TOP[module]}.{kind}"
    _, _, layer, part = module.split(".", 3)
    return f"blk.{layer}.{LAYER[part]}.{kind}"


def vocabulary(path):
    """The pieces as llama.cpp spells them, and their types.

    A piece that begins a word carries U+2581; one that goes on, "##" in BERT, carries nothing.
    """
    with open(path, encoding="utf-8") as file:
        ids = json.load(file)["model"]["vocab"]
    pieces, kinds = [], []
    for piece in sorted(ids, key=ids.get):
        special = piece.startswith("[") and piece.endswith("]") and len(piece) > 2
        kinds.append(5 if special and "unused" in piece else 3 if special else 1)
        pieces.append(piece if special else piece[2:] if piece.startswith("##") else "\u2581" + piece)
    return ids, pieces, kinds


# GGUF's types of values.
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
PLAIN = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}


def string(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def encode(kind, value):
    if kind == STRING:
        return string(value)
    if kind == ARRAY:
        element, values = value
        return struct.pack("<IQ", element, len(values)) + b"".join(encode(element, v) for v in values)
    return struct.pack(PLAIN[kind], value)


def metadata(weights, tokenizer):
    ids, pieces, kinds = vocabulary(tokenizer)
    (_, width), _ = weights["embeddings.word_embeddings.weight"]
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    token = "tokenizer.ggml."
    return [
        ("general.architecture", STRING, "bert"),
        ("general.name", STRING, "bge-small-zh-v1.5"),
        ("general.license", STRING, "mit"),
        ("general.file_type", U32, 1),  # mostly half precision
        ("bert.context_length", U32, weights["embeddings.position_embeddings.weight"][0][0]),
        ("bert.embedding_length", U32, width),
        ("bert.feed_forward_length", U32, weights["encoder.layer.0.intermediate.dense.bias"][0][0]),
        ("bert.block_count", U32, layers),
        ("bert.attention.head_count", U32, width // 64),
        ("bert.attention.layer_norm_epsilon", F32, 1e-12),
        ("bert.attention.causal", BOOL, False),
        ("bert.pooling_type", U32, 2),  # of [CLS]
        ("bert.normalize_embeddings", BOOL, True),
        (token + "model", STRING, "bert"),
        (token + "pre", STRING, "default"),
        (token + "tokens", ARRAY, (STRING, pieces)),
        (token + "token_type", ARRAY, (I32, kinds)),
        (token + "token_type_count", U32, 2),
        (token + "unknown_token_id", U32, ids["[UNK]"]),
        (token + "padding_token_id", U32, ids["[PAD]"]),
        (token + "cls_token_id", U32, ids["[CLS]"]),
        (token + "bos_token_id", U32, ids["[CLS]"]),
        (token + "seperator_token_id", U32, ids["[SEP]"]),  # spelled so in GGUF
        (token + "mask_token_id", U32, ids["[MASK]"]),
    ]


def half(values, row=4096):
    """Floats in half precision, a row at a time: Python's numbers are large."""
    return b"".join(struct.pack(f"<{len(r)}e", *r) for r in (values[i : i + row] for i in range(0, len(values), row)))


def write(path, weights, entries):
    header, data = bytearray(), bytearray()
    for name, (shape, values) in weights.items():
        name = gguf_name(name)
        small = len(shape) < 2 or name in ("position_embd.weight", "token_types.weight")
        header += string(name) + struct.pack("<I", len(shape))
        header += b"".join(struct.pack("<Q", n) for n in reversed(shape))
        header += struct.pack("<IQ", 0 if small else 1, len(data))
        data += values.tobytes() if small else half(values)
        data += bytes(-len(data) % 32)
    with open(path, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(entries)))
        for key, kind, value in entries:
            file.write(string(key) + struct.pack("<I", kind) + encode(kind, value))
        file.write(header)
        file.write(bytes(-file.tell() % 32))
        file.write(data)


def main():
    model, tokenizer, out = sys.argv[1:]
    weights = tensors(model)
    write(out, weights, metadata(weights, tokenizer))


if __name__ == "__main__":
    main()
