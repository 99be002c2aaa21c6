"""The header of a GGUF file: sizes of the model, and damaged files."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.llm.llama_cpp.gguf_header import DamagedError, GgufHeader, read_header
from model_tools.tiny_gguf import CONTEXT, LAYERS


def header(**values):
    metadata = {"general.architecture": "llama"}
    metadata |= {f"llama.{name.replace('__', '.')}": value for name, value in values.items()}
    return GgufHeader(metadata, file_bytes=1000)


def test_the_sizes_of_a_file(gguf):
    found = read_header(gguf)
    assert (found.architecture, found.layers, found.context) == ("llama", LAYERS, CONTEXT)
    assert found.file_bytes == gguf.stat().st_size
    # 2 layers, 2 heads of 16 numbers for keys and as many for values, 2 bytes each
    assert found.cache_bytes_per_token == 2 * 2 * (16 + 16) * 2


def test_the_cache_of_grouped_heads():
    found = header(
        block_count=28, embedding_length=1536, attention__head_count=12, attention__head_count_kv=2
    )
    assert found.cache_bytes_per_token == 28 * 2 * (128 + 128) * 2


def test_the_cache_of_layers_with_different_heads():
    found = header(
        block_count=3,
        embedding_length=64,
        attention__head_count=(4, 4, 4),
        attention__head_count_kv=(2, 0, 2),
        attention__key_length=16,
        attention__value_length=8,
    )
    assert found.cache_bytes_per_token == (2 + 0 + 2) * (16 + 8) * 2


def test_an_architecture_without_attention_has_no_cache():
    found = header(block_count=24, embedding_length=768)
    assert (found.cache_bytes_per_token, found.context) == (0, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is no GGUF file"),
        (b"PK\x03\x04 a ZIP file", "it is no GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "version 9"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1), "unpack requires"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 40), "too large"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 4) + b"ab", "ends in its header"),
    ],
)
def test_a_damaged_file_is_reported(tmp_path, content, reason):
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(DamagedError, match=rf"model.gguf is damaged .*{reason}.*: download it"):
        read_header(file)


@given(position=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_reported(gguf, tmp_path_factory, position, byte):
    content = bytearray(gguf.read_bytes())
    content[position] = byte
    file = tmp_path_factory.mktemp("changed") / "model.gguf"
    file.write_bytes(content)
    try:
        found = read_header(file)
    except DamagedError:
        return
    assert found.layers >= 0
    assert found.cache_bytes_per_token >= 0
