"""Recognises the object in a part of a picture with a small network trained on drawn crops.

`python -m benchmarks.obedience.classifier` trains it (minutes) and writes it beside this file; with
--check it only checks the stored one. Both print the accuracy on drawn pictures that training did
not use, and the agreement with a person on painted pictures.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from torch import nn

from benchmarks.obedience.colors import PALETTE, named
from lib_omost.canvas.model import UNITS, Box
from training.drawing import draw
from training.loop import Plan, train
from training.scenes import Scene, SceneObject, crowded_scene
from training.world import COLORS, OBJECTS

FILE = Path(__file__).with_name("classifier.safetensors")
PAINTED = Path(__file__).with_name("painted.png")
"""100 crops of the painter's pictures, row by row; the alpha channel is the requested colour."""
LABELS = PAINTED.with_suffix(".txt")
"""Objects that a person saw in these crops, knowing only the colour; "none" is no known object."""
SIDE = 32
"""Width and height of a resized crop in pixels."""
BATCH = 64
STEPS = 3000
MARGIN = 0.12
"""Margin of a crop on each side, as a fraction of the box's width and height."""
BENDS = 4
"""Number of squares along a picture's side whose corners are moved to bend it."""
EVERY_PAIR = [(color, name) for color in COLORS for name in OBJECTS]

Example = tuple[torch.Tensor, int]


class Classifier(nn.Module):
    """Three convolutions and two linear layers on crops of 4 channels; predicts one of OBJECTS."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for wide, narrow in ((4, 24), (24, 48), (48, 96)):
            layers += [nn.Conv2d(wide, narrow, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Flatten(), nn.Linear(96 * 16, 64), nn.ReLU(), nn.Linear(64, len(OBJECTS))]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Computes the score of each object; x: [B, 4, 32, 32]."""
        scores: torch.Tensor = self.layers(x)
        return scores


def crop(picture: Image.Image, names: np.ndarray, box: Box, color: str) -> torch.Tensor:
    """Cuts out a box with its margin; [4, 32, 32]: RGB from -1 to 1, and a mask of the colour.

    A painted object is often a little larger than its box; without its ends a tree is a circle.
    """
    width, height = picture.size
    rows, columns = (MARGIN * side for side in (box.bottom - box.top, box.right - box.left))
    left, right = box.left - columns, box.right + columns
    top, bottom = box.top - rows, box.bottom + rows
    left, right = (round(min(max(x, 0), UNITS) * width / UNITS) for x in (left, right))
    top, bottom = (round(min(max(y, 0), UNITS) * height / UNITS) for y in (top, bottom))
    corners = (left, top, max(right, left + 1), max(bottom, top + 1))
    mask = Image.fromarray((names == PALETTE.index(color)).astype(np.uint8) * 255)
    planes = [part.crop(corners).resize((SIDE, SIDE)) for part in (picture, mask)]
    channels = np.concatenate([np.atleast_3d(np.asarray(plane)) for plane in planes], axis=2)
    return torch.from_numpy(channels).permute(2, 0, 1) / 127.5 - 1


def example(rng: random.Random) -> Example:
    """Draws a scene as full as canvases are, and a box around one of its objects."""
    while not (scene := crowded_scene(rng, combinations=EVERY_PAIR)).objects:
        pass
    scene = Scene(scene.background, distinct(scene.objects))
    item = rng.choice(scene.objects)
    picture = soften(draw(scene, (64, 64)), rng)
    return crop(picture, named(picture), _around(item, rng), item.color), OBJECTS.index(item.name)


def soften(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Bends and blurs a picture, sometimes strongly.

    Painted edges are never as sharp and straight as drawn ones: a classifier that was only trained
    on drawn edges takes a painted star for a square.
    """
    side = picture.width // BENDS
    most = rng.uniform(0, 0.35) * side
    stops = range(0, picture.width + 1, side)
    inner = stops[1:-1]

    def moved(x: int, y: int) -> tuple[float, float]:
        along, down = (rng.uniform(-most, most) for _ in "xy")
        return x + along * (x in inner), y + down * (y in inner)

    moved_to = {(x, y): moved(x, y) for x in stops for y in stops}
    mesh = []
    for x, y in itertools.product(stops[:-1], repeat=2):
        corners = ((x, y), (x, y + side), (x + side, y + side), (x + side, y))
        source = [number for corner in corners for number in moved_to[corner]]
        mesh.append(((x, y, x + side, y + side), source))
    bent = picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    return bent.filter(ImageFilter.GaussianBlur(2.0 * rng.random() ** 2))


def distinct(objects: Sequence[SceneObject]) -> tuple[SceneObject, ...]:
    """Returns the last object of each colour."""
    return tuple({item.color: item for item in objects}.values())


def _around(item: SceneObject, rng: random.Random) -> Box:
    """Returns a random box about an object, from slightly smaller to more than twice as large."""
    sides = []
    for low, high in ((item.sides[1], item.sides[3]), (item.sides[0], item.sides[2])):
        slack = (high - low) * rng.uniform(-0.3, 1.4)
        before = rng.uniform(0, 1) * slack
        start, stop = (UNITS * x for x in (low - before, high + slack - before))
        sides += [min(max(start, 0), UNITS - 1), max(min(stop, UNITS), 1)]
    return Box(*sides)


def batch(rng: random.Random, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Draws examples: crops [B, 4, 32, 32] and their objects [B]."""
    crops, objects = zip(*(example(rng) for _ in range(count)), strict=True)
    return torch.stack(crops), torch.tensor(objects)


@functools.cache
def load() -> Classifier:
    """Loads the classifier of the repository."""
    from safetensors.torch import load_file

    classifier = Classifier().eval()
    classifier.load_state_dict({name: x.float() for name, x in load_file(FILE).items()})
    return classifier


def accuracy(classifier: Classifier, count: int) -> float:
    """Returns the share of held-out drawn crops that are classified correctly."""
    crops, objects = batch(random.Random("held out"), count)
    with torch.inference_mode():
        return float((classifier(crops).argmax(1) == objects).float().mean())


def agreement(classifier: Classifier) -> float:
    """Returns the share of painted crops that are classified as a person saw them."""
    sheet = torch.from_numpy(np.array(Image.open(PAINTED))).permute(2, 0, 1) / 127.5 - 1
    rows = sheet.unfold(1, SIDE, SIDE).unfold(2, SIDE, SIDE)
    crops = rows.permute(1, 2, 0, 3, 4).flatten(0, 1)
    with torch.inference_mode():
        predicted = [OBJECTS[i] for i in classifier(crops).argmax(1).tolist()]
    same = [
        prediction == label
        for prediction, label in zip(predicted, LABELS.read_text().split(), strict=True)
        if label != "none"
    ]
    return sum(same) / len(same)


def train_classifier(checkpoint: Path) -> Classifier:
    """Trains on crops that are drawn for each step."""
    torch.manual_seed(0)
    classifier = Classifier()

    def loss(step: int) -> torch.Tensor:
        crops, objects = batch(random.Random(f"classifier {step}"), BATCH)
        return F.cross_entropy(classifier(crops), objects)

    average = train(classifier, loss, Plan(STEPS, rate=2e-3, average=0.99), checkpoint)
    assert isinstance(average, Classifier)
    return average


def main() -> None:
    """Trains or checks the classifier and prints its accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only check the stored classifier")
    parser.add_argument("--work", type=Path, default=Path("out/training"))
    options = parser.parse_args()
    if not options.check:
        from safetensors.torch import save_file

        state = train_classifier(options.work / "classifier.pt").state_dict()
        save_file({name: x.half() for name, x in state.items()}, FILE)
    print(f"accuracy on 1,000 held-out drawn crops: {accuracy(load(), 1000):.3f}")
    print(f"agreement with a reader on painted crops: {agreement(load()):.3f}")


if __name__ == "__main__":
    main()
