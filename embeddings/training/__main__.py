"""Train the shipped model on two cores: ``python -m embeddings.training --data ../shared/data/occupations``.

A static bilingual embedding (one vector per sub-word, averaged) learns from pairs that belong together, by a
contrastive loss with in-batch negatives (van den Oord et al. 2018; Henderson et al. 2017), and from an English teacher
through parallel texts: the French and the English wording both learn the teacher's vector of the English one
(Reimers and Gurevych 2020).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn

from embeddings.training.pairs import Pair, content_pairs, occupation_pairs

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Train with a fixed seed, show progress, save a SentenceTransformer folder."""
    options = _options()
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    source = random.Random(options.seed)
    started = time.monotonic()
    occupations = occupation_pairs(options.data, source)
    content = content_pairs(options.content, source)
    print(f"{len(occupations)} pairs from occupations and skills, {len(content)} from our content", flush=True)
    tokenizer = train_tokenizer(
        [t for p in (*occupations, *content * 3) for t in (p.first, p.second)], options.vocabulary
    )
    student = Student(tokenizer, options.dimension)
    teacher = Teacher(options.teacher, options.dimension, occupations, content) if options.teacher else None
    steps = list(_schedule(occupations, content, options, source))
    optimizer = torch.optim.Adam(student.parameters(), lr=options.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=len(steps) + 1, pct_start=0.05)
    for number, batch in enumerate(steps, 1):
        loss = contrastive(student, batch) + (options.distil * teacher.loss(student, source) if teacher else 0)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        if number % 200 == 0 or number == len(steps):
            print(
                f"\r{100 * number / len(steps):5.1f} %  loss {loss.item():.3f}  {time.monotonic() - started:5.0f} s",
                end="",
                flush=True,
            )
    print()
    student.save(options.out)
    print(f"saved to {options.out} after {time.monotonic() - started:.0f} s")


class Student(nn.Module):
    """One vector per sub-word, averaged."""

    def __init__(self, tokenizer: Tokenizer, dimension: int) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.bag = nn.EmbeddingBag(tokenizer.get_vocab_size(), dimension, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, texts: list[str]) -> Tensor:
        """Return unit vectors, shape (texts, dimension)."""
        ids = [e.ids or [0] for e in self.tokenizer.encode_batch(texts, add_special_tokens=False)]
        offsets = torch.tensor([0, *np.cumsum([len(i) for i in ids])[:-1]])
        flat = torch.tensor([token for i in ids for token in i])
        return nn.functional.normalize(self.bag(flat, offsets), dim=1)

    def save(self, folder: Path) -> None:
        """Write a folder that ``SentenceTransformer(folder)`` opens."""
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.models import Normalize, StaticEmbedding

        weights = self.bag.weight.detach().numpy().astype(np.float32)
        static = StaticEmbedding(self.tokenizer, embedding_weights=weights)
        SentenceTransformer(modules=[static, Normalize()]).save(str(folder), create_model_card=False)


class Teacher:
    """Vectors of an English model for the English side of parallel texts, reduced to the student's dimension."""

    def __init__(self, name: str, dimension: int, *sources: list[Pair]) -> None:
        from sentence_transformers import SentenceTransformer

        parallel = {(p.second, p.first) for pairs in sources for p in pairs if _english(p.second)}
        self.english = sorted({english for english, _ in parallel})[:40_000]
        place = {text: index for index, text in enumerate(self.english)}
        self.others = [(other, place[english]) for english, other in sorted(parallel) if english in place]
        vectors = SentenceTransformer(name, device="cpu").encode(
            self.english, batch_size=128, show_progress_bar=True, normalize_embeddings=True
        )
        centred = vectors - vectors.mean(axis=0)
        _, _, axes = np.linalg.svd(centred[:20_000], full_matrices=False)
        self.target = nn.functional.normalize(torch.tensor(centred @ axes[:dimension].T), dim=1)

    def loss(self, student: Student, source: random.Random, size: int = 256) -> Tensor:
        """Return one minus the cosine between student and teacher, over English texts and their counterparts."""
        chosen = [source.randrange(len(self.english)) for _ in range(size)]
        paired = [self.others[source.randrange(len(self.others))] for _ in range(size)]
        texts = [self.english[i] for i in chosen] + [other for other, _ in paired]
        target = self.target[chosen + [i for _, i in paired]]
        loss: Tensor = (1 - (student(texts) * target).sum(dim=1)).mean()
        return loss


def _english(text: str) -> bool:
    """Tell English by its most frequent words and the absence of French accents: enough to choose what to distil."""
    return text.isascii() and not any(
        f" {word} " in f" {text.lower()} " for word in ("le", "la", "les", "des", "de", "du", "et")
    )


def contrastive(student: Student, batch: list[Pair], scale: float = 20.0) -> Tensor:
    """Return the symmetric in-batch cross-entropy of the pairs' cosines."""
    scores = student([p.first for p in batch]) @ student([p.second for p in batch]).T * scale
    target = torch.arange(len(batch))
    return (nn.functional.cross_entropy(scores, target) + nn.functional.cross_entropy(scores.T, target)) / 2


def train_tokenizer(texts: list[str], size: int) -> Tokenizer:
    """Train WordPiece on lower-cased text without accents, so that hurried typing still matches."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _schedule(
    occupations: list[Pair], content: list[Pair], options: Any, source: random.Random
) -> Iterator[list[Pair]]:
    """Yield the batches: occupations with content mixed in, content alone in the last part."""
    for _ in range(options.epochs):
        yield from _batches(occupations + content, options.batch, source)
    for _ in range(options.content_epochs):
        yield from _batches(content, 48, source)


def _batches(pairs: list[Pair], size: int, source: random.Random) -> Iterator[list[Pair]]:
    """Yield shuffled batches in which no item appears twice: its other texts are no negatives."""
    shuffled = source.sample(pairs, len(pairs))
    batch: dict[str, Pair] = {}
    waiting: list[Pair] = []
    for pair in shuffled:
        if pair.item in batch:
            waiting.append(pair)
            continue
        batch[pair.item] = pair
        if len(batch) == size:
            yield list(batch.values())
            batch = {}
            for later in waiting[:size]:
                batch.setdefault(later.item, later)
            waiting = waiting[size:]


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=main.__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "occupations")
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    parser.add_argument("--out", type=Path, default=ROOT / "embeddings" / "model")
    parser.add_argument("--teacher", default="", help="folder or name of an English SentenceTransformer; none without")
    parser.add_argument("--vocabulary", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--content-epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--distil", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


main()
