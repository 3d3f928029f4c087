"""Writes the fixture of TeachingLossGoldenTest: the losses of structured-kd, local-consistency, pmkl and proto-kd, in float64.

Usage: python make_distillation_fixture.py FOLDER      (needs torch and safetensors)
The file is committed under src/test/resources/golden; the same versions give the same bytes. The formulas are written out from the
papers with PyTorch's own functions; loops stand where the Java code has none.
"""

import itertools
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

IGNORED = 127
REGIONS, CLASSES = "REGIONS", "CLASSES"
SHAPE = (2, 4, 3, 5)


def targets(outputs, labels):
    if outputs == CLASSES:
        return F.one_hot(labels, 4).movedim(4, 1).double()
    return torch.stack([labels > 0, (labels == 1) | (labels == 3), labels == 3], 1).double()


def probabilities(outputs, logits):
    return logits.softmax(1) if outputs == CLASSES else logits.sigmoid()


def counted(labels, values):
    """The values [B, K, X, Y, Z] at voxels that are not ignored, one row for each channel."""
    return values.movedim(1, 0)[:, labels != IGNORED]


def divergence(outputs, student, teacher, temperature, labels):
    """KL(teacher || student) of each voxel, of regions as distributions of two outcomes; the mean."""
    s, t = student / temperature, teacher / temperature
    if outputs == CLASSES:
        each = F.kl_div(s.log_softmax(1), t.log_softmax(1), reduction="none", log_target=True).sum(1, keepdim=True)
    else:
        p, q = t.sigmoid(), s.sigmoid()
        each = p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()
    return counted(labels, each).mean()


def proto_response(outputs, student, teacher, labels):
    """The mean over voxels and outcomes at T = 10, without T squared."""
    return divergence(outputs, student, teacher, 10, labels) / (4 if outputs == CLASSES else 2)


def pair_wise(student, teacher, nodes):
    def similarity(features):
        pooled = F.adaptive_avg_pool3d(features, nodes).flatten(2)
        n = pooled.shape[2]
        return torch.stack([
            torch.stack([F.cosine_similarity(pooled[:, :, i], pooled[:, :, j], dim=1) for j in range(n)], 1) for i in range(n)], 1)

    return ((similarity(student) - similarity(teacher)) ** 2).mean()


def zero_order(outputs, student, teacher, labels):
    return counted(labels, (probabilities(outputs, student) - probabilities(outputs, teacher)) ** 2).mean()


def first_order(outputs, compared, student, teacher, labels):
    def consistency(logits):
        values = logits if compared == "LOGITS" else probabilities(outputs, logits)
        maps = []
        for b, x, y, z in itertools.product(*map(range, labels.shape)):
            distances = []
            for i, j, k in itertools.product((-1, 0, 1), repeat=3):
                u, v, w = x + i, y + j, z + k
                inside = 0 <= u < labels.shape[1] and 0 <= v < labels.shape[2] and 0 <= w < labels.shape[3]
                if (i, j, k) != (0, 0, 0) and inside and labels[b, x, y, z] != IGNORED and labels[b, u, v, w] != IGNORED:
                    distances.append((values[b, :, x, y, z] - values[b, :, u, v, w]).norm())
            maps.append(sum(distances) / len(distances) if distances else logits.new_zeros(()))
        return torch.stack(maps).reshape(labels.shape)

    difference = consistency(student) - consistency(teacher)
    return (difference[labels != IGNORED] ** 2).mean()


def selective(outputs, student, teacher, labels):
    """PMKL: cross-entropy to the teacher at T = 10 where the teacher is right, weighted by how much better it is."""
    known = labels.where(labels != IGNORED, torch.zeros_like(labels))
    y = targets(outputs, known)
    if outputs == CLASSES:
        ce_s, ce_t = F.cross_entropy(student, known, reduction="none"), F.cross_entropy(teacher, known, reduction="none")
        right = teacher.argmax(1) == known
        soft = -((teacher / 10).softmax(1) * (student / 10).log_softmax(1)).sum(1)
        keep = labels != IGNORED
    else:
        ce_s = F.binary_cross_entropy(student.sigmoid(), y, reduction="none")
        ce_t = F.binary_cross_entropy(teacher.sigmoid(), y, reduction="none")
        right = (teacher.sigmoid() > 0.5) == (y > 0.5)
        p = (teacher / 10).sigmoid()
        q = (student / 10).sigmoid()
        soft = -(p * q.log() + (1 - p) * (1 - q).log())
        keep = (labels != IGNORED)[:, None].expand_as(y)
    weight = ((ce_s - ce_t).relu() * right * keep).detach()
    return (weight * soft).sum() / weight.sum()


def contrast(student, teacher, margin):
    """TensorFlow's contrastive_loss over all pairs of a student's and a teacher's embedding."""
    losses = []
    for i, j in itertools.product(range(len(student)), repeat=2):
        d = (student[i] - teacher[j]).norm()
        losses.append(d**2 if i == j else (margin - d).clamp(min=0) ** 2)
    return torch.stack(losses).mean()


def prototypes(student, teacher, labels):
    """ProtoKD: cosine similarities of voxels and prototypes of the classes that every sample has."""
    s, t = [], []
    for c in range(4):
        mask = (labels == c)[:, None].double()
        if (mask.sum((1, 2, 3, 4)) > 0).all():
            for features, maps in ((student, s), (teacher, t)):
                mean = (features * mask).sum((2, 3, 4)) / (mask.sum((2, 3, 4)) + 1e-5)
                maps.append(F.cosine_similarity(features, mean[:, :, None, None, None], dim=1, eps=1e-5))
    return counted(labels, (torch.stack(s, 1) - torch.stack(t, 1)) ** 2).mean()


class Critic(nn.Module):
    def __init__(self, channels, width):
        super().__init__()
        self.conv = nn.ModuleList(
            [nn.Conv3d(channels if i == 0 else width << (i - 1), width << i, 3, stride=2, padding=1) for i in range(3)])
        self.score = nn.Conv3d(width << 2, 1, 3, padding=1)

    def forward(self, images, segmentation):
        x = torch.cat([images, segmentation], 1)
        for conv in self.conv:
            x = F.leaky_relu(conv(x), 0.1)
        return self.score(x)


def critic_case(arrays):
    shape = (2, 5, 4, 6)
    images = torch.randn(shape[0], 1, *shape[1:], dtype=torch.float64)
    student, teacher = (torch.rand(shape[0], 3, *shape[1:], dtype=torch.float64) for _ in range(2))
    share = torch.tensor([0.3, 0.85], dtype=torch.float64).reshape(2, 1, 1, 1, 1)
    critic = Critic(4, 2).double()
    for name, value in (("images", images), ("student", student), ("teacher", teacher), ("share", share)):
        arrays[f"critic/{name}"] = value
    for name, weight in critic.named_parameters():
        weight.data.mul_(2)
        arrays[f"critic/weights/{name}"] = weight.data.clone()
    leaf = student.clone().requires_grad_()
    scores = critic(images, leaf)
    holistic = scores.mean() - critic(images, teacher).mean()
    holistic.backward()
    arrays["critic/scores"] = scores.detach()
    arrays["critic/holistic"] = holistic.detach().reshape(1)
    arrays["critic/gradient"] = leaf.grad
    critic.zero_grad()
    mixed = (share * teacher + (1 - share) * student).requires_grad_()
    gradient, = torch.autograd.grad(critic(images, mixed).sum(), mixed, create_graph=True)
    penalty = ((gradient.flatten(1).norm(dim=1) - 1) ** 2).mean()
    penalty.backward()
    arrays["critic/penalty"] = penalty.detach().reshape(1)
    for name, weight in critic.named_parameters():
        # Biases move no slope of a piecewise linear function.
        if name.endswith("weight"):
            arrays[f"critic/penalty-gradient/{name}"] = weight.grad.clone()


def embedding_case(arrays):
    features = torch.randn(3, 2, 4, 6, 2, dtype=torch.float64)
    first, second = nn.Linear(16, 32).double(), nn.Linear(32, 16).double()
    arrays["embedding/features"] = features
    for name, layer in (("linear.0", first), ("linear.1", second)):
        for part, weight in layer.named_parameters():
            arrays[f"embedding/weights/{name}.{part}"] = weight.data
    pooled = F.avg_pool3d(features, (2, 3, 1)).flatten(1)
    arrays["embedding/value"] = F.normalize(second(first(pooled).relu()), dim=1).detach()


def main(folder):
    torch.manual_seed(14)
    whole = torch.randint(0, 4, SHAPE)
    whole[1][whole[1] == 2] = 1
    partial = whole.clone()
    partial[0, :2] = IGNORED
    partial[1, :, 1, ::2] = IGNORED
    labels = {"whole": whole, "partial": partial}
    arrays = {f"labels/{name}": value for name, value in labels.items()}
    logits = {}
    for outputs, channels in ((REGIONS, 3), (CLASSES, 4)):
        logits[outputs] = [2 * torch.randn(2, channels, *SHAPE[1:], dtype=torch.float64) for _ in range(2)]
        arrays[f"logits/{outputs}/student"], arrays[f"logits/{outputs}/teacher"] = logits[outputs]
    features = [torch.randn(2, c, *SHAPE[1:], dtype=torch.float64) for c in (3, 5)]
    arrays["features/student"], arrays["features/teacher"] = features
    coarse = torch.randn(2, 3, 4, 4, 2, dtype=torch.float64), torch.randn(2, 5, 8, 2, 4, dtype=torch.float64)
    arrays["coarse/student"], arrays["coarse/teacher"] = coarse
    embeddings = [F.normalize(torch.randn(3, 16, dtype=torch.float64), dim=1) for _ in range(2)]
    embeddings[1] = F.normalize(embeddings[0] + 0.4 * embeddings[1], dim=1)
    embeddings[1] = embeddings[1][[1, 0, 2]]
    arrays["embeddings/student"], arrays["embeddings/teacher"] = embeddings

    for outputs, (name, y) in itertools.product((REGIONS, CLASSES), labels.items()):
        for case, loss in {
            "pixel": lambda s, t: divergence(outputs, s, t, 1, y),
            "proto-response": lambda s, t: proto_response(outputs, s, t, y),
            "zero": lambda s, t: zero_order(outputs, s, t, y),
            "first-LOGITS": lambda s, t: first_order(outputs, "LOGITS", s, t, y),
            "first-PROBABILITIES": lambda s, t: first_order(outputs, "PROBABILITIES", s, t, y),
            "selective": lambda s, t: selective(outputs, s, t, y),
        }.items():
            run(arrays, f"{case}/{outputs}/{name}", logits[outputs], loss)
    for name, y in labels.items():
        run(arrays, f"prototypes/{name}", features, lambda s, t: prototypes(s, t, y))
    run(arrays, "pair", coarse, lambda s, t: pair_wise(s, t, (4, 2, 2)))
    run(arrays, "contrast", embeddings, lambda s, t: contrast(s, t, 1.0))
    critic_case(arrays)
    embedding_case(arrays)
    save_file({n: t.contiguous() for n, t in arrays.items()}, folder / "distillation.safetensors", {"torch": torch.__version__})


def run(arrays, name, inputs, loss):
    student = inputs[0].clone().requires_grad_()
    value = loss(student, inputs[1])
    value.backward()
    arrays[f"{name}/value"] = value.detach().reshape(1)
    arrays[f"{name}/gradient"] = student.grad


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
