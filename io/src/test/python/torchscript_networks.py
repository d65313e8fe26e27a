"""Tiny networks, one for each thing that TorchScript archives hold in the wild."""

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Case:
    name: str
    network: Callable
    shape: Tuple[int, ...] = (3, 1, 8, 8)
    traced: bool = False
    training: bool = False
    seed: int = 7
    rename: Dict[str, str] = field(default_factory=dict)
    output: str = "output"
    expected: Optional[Dict[str, str]] = None
    input_type: torch.dtype = torch.float32
    whole_numbers: int = 0
    finish: Callable = staticmethod(lambda archive: archive)
    python: Optional[Callable] = None
    torch: str = "1.13"

    def probes(self):
        if self.whole_numbers:
            return torch.randint(0, self.whole_numbers, self.shape)
        return torch.randn(self.shape).to(self.input_type)


def unsettle(model):
    """Gives batch normalisation statistics that matter."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(x)))


class UNet(nn.Module):
    """The pool is one module called twice."""

    def __init__(self, width=2):
        super().__init__()
        self.enc1 = Block(1, width)
        self.enc2 = Block(width, 2 * width)
        self.enc3 = Block(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.dec2 = Block(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.dec1 = Block(2 * width, width)
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        e1 = self.enc1(x)
        e2 = self.enc2(self.pool(e1))
        e3 = self.enc3(self.pool(e2))
        d2 = self.dec2(torch.cat([self.up2(e3), e2], 1))
        d1 = self.dec1(torch.cat([self.up1(d2), e1], 1))
        return self.out(d1)


class SmallUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = Block(1, 2)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(2, 2, 2, stride=2)
        self.out = nn.Conv2d(4, 1, 1)

    def forward(self, x):
        e = self.enc(x)
        return self.out(torch.cat([self.up(self.pool(e)), e], 1))


class Containers(nn.Module):
    def __init__(self):
        super().__init__()
        self.nested = nn.Sequential(
            nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), nn.Sequential(nn.Conv2d(2, 2, 1))
        )
        self.many = nn.ModuleList([nn.Conv2d(2, 2, 1) for _ in range(3)])
        self.named = nn.ModuleDict({"left": nn.Tanh(), "right": nn.Sigmoid()})

    def forward(self, x):
        x = self.nested(x)
        for layer in self.many:
            x = layer(x)
        for layer in self.named.values():
            x = layer(x)
        return x


class Shared(nn.Module):
    """One convolution under two names."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 2, 3, padding=1)
        self.second = self.first
        self.entry = nn.Conv2d(1, 2, 1)

    def forward(self, x):
        return self.second(torch.relu(self.first(self.entry(x))))


class ReusedRelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.conv2 = nn.Conv2d(2, 2, 3)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv2(self.relu(self.conv1(x))))


class InPlace(nn.Module):
    """The activation overwrites what the convolution gave."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.conv(x))
        return y.add_(1.0)


class Pair(NamedTuple):
    mean: Tensor
    spread: Optional[Tensor]


class GivesTuple(nn.Module):
    def forward(self, x) -> Tuple[Tensor, int, Tensor]:
        return x.flip(1), 3, x * 2


class GivesList(nn.Module):
    def forward(self, x):
        return [x[:, :1], x[:, 1:]]


class GivesDict(nn.Module):
    def forward(self, x) -> Dict[str, Tensor]:
        return {"p": x + 1, "q": x - 1}


class GivesNamedTuple(nn.Module):
    def forward(self, x) -> Pair:
        return Pair(x.mean(2), None)


class GivesOptional(nn.Module):
    def forward(self, x, wanted: bool) -> Optional[Tensor]:
        if wanted:
            return x.square()
        return None


class Results(nn.Module):
    def __init__(self):
        super().__init__()
        self.entry = nn.Conv2d(1, 2, 3)
        self.t = GivesTuple()
        self.l = GivesList()
        self.d = GivesDict()
        self.n = GivesNamedTuple()
        self.o = GivesOptional()

    def forward(self, x) -> Dict[str, List[Tensor]]:
        x = self.entry(x)
        a, _, b = self.t(x)
        parts = self.l(a)
        d = self.d(b)
        n = self.n(d["p"])
        some = self.o(x, True)
        none = self.o(x, False)
        if some is None or none is not None:
            some = x
        return {"parts": parts, "all": [d["q"], n.mean, some]}


class TracedResults(nn.Module):
    def __init__(self):
        super().__init__()
        self.entry = nn.Conv2d(1, 2, 3)
        self.d = GivesDict()
        self.l = GivesList()

    def forward(self, x):
        d = self.d(self.entry(x))
        parts = self.l(d["p"] + d["q"])
        return parts[0] + parts[1]


class ControlFlow(nn.Module):
    def __init__(self):
        super().__init__()
        self.small = nn.Linear(8, 8)
        self.large = nn.Linear(8, 8)
        self.step = nn.Tanh()

    def forward(self, x, steps: int = 3):
        if x.size(2) > 4:
            y = self.large(x)
        else:
            y = self.small(x)
        i = 0
        while i < steps:
            y = self.step(y) + x
            if i == 1:
                y = y * 2
            i += 1
        return y


class Dropouts(nn.Module):
    """Saved in training mode: must be run in evaluation mode."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.bn = nn.BatchNorm2d(2)
        self.drop = nn.Dropout(0.5)
        self.channels = nn.Dropout2d(0.5)

    def forward(self, x):
        x = self.channels(self.drop(self.bn(self.conv(x))))
        return F.dropout(x, 0.5, self.training)


class Dropped(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.fc(x))


class Small(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.fc1 = nn.Linear(4, 6, bias=bias)
        self.act = nn.Tanh()
        self.fc2 = nn.Linear(6, 2, bias=bias)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


def as_half(model):
    return model.half()


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, mask):
        return self.fc(x) * mask


class ToQuantised(nn.Module):
    def forward(self, x):
        return torch.quantize_per_tensor(x, 0.05, 64, torch.quint8)


class FromQuantised(nn.Module):
    def forward(self, x):
        return x.dequantize()


class Quantised(nn.Module):
    """Quantised activations between float layers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.quant = ToQuantised()
        self.relu = nn.ReLU()
        self.dequant = FromQuantised()

    def forward(self, x):
        return self.dequant(self.relu(self.quant(self.conv(x))))


class QuantisedLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.quant = torch.quantization.QuantStub()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU()
        self.fc = nn.Linear(72, 3)
        self.dequant = torch.quantization.DeQuantStub()

    def forward(self, x):
        x = self.relu(self.conv(self.quant(x)))
        return self.dequant(self.fc(x.flatten(1)))


def quantised_layers():
    """Weights of 7 bits: on processors without VNNI, products of 8-bit ones saturate in 16 bits."""
    torch.backends.quantized.engine = "qnnpack"
    model = QuantisedLayers().eval()
    usual = torch.quantization.get_default_qconfig("qnnpack")
    weights = torch.quantization.MinMaxObserver.with_args(
        dtype=torch.qint8, qscheme=torch.per_tensor_symmetric, reduce_range=True
    )
    model.qconfig = torch.quantization.QConfig(activation=usual.activation, weight=weights)
    prepared = torch.quantization.prepare(model)
    prepared(torch.randn(8, 1, 8, 8))
    return torch.quantization.convert(prepared)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True)
        self.gru = nn.GRU(4, 2, batch_first=True)
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        x, (h, c) = self.lstm(x)
        x, last = self.gru(x)
        return self.head(x[:, -1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        y = self.norm(x)
        z, weights = self.attention(y, y, y)
        return x + z


class Volume(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 2, 3, padding=1)
        self.bn = nn.BatchNorm3d(2)
        self.pool = nn.MaxPool3d(2)
        self.up = nn.ConvTranspose3d(2, 1, 2, stride=2)

    def forward(self, x):
        return self.up(self.pool(torch.relu(self.bn(self.conv(x)))))


class Plain(nn.Module):
    """For freezing: its submodules vanish and its operators stay."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(2, 2, 3)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.relu(self.conv1(x))
        if x.size(1) > 1:
            x = self.pool(self.relu(self.conv2(x)))
        return x * 2


PLAIN_OPERATORS = {
    "/conv2d": "conv1",
    "/relu": "relu",
    "/conv2d#2": "conv2",
    "/relu#2": "relu#2",
    "/max_pool2d": "pool",
    "/mul": "output",
    "output": "output",
}


@torch.jit.interface
class Step(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        pass


class Double(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x) * 2


class Half(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x / 2


class Functional(nn.Module):
    """Has parameters of its own and no submodules."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(2, 1, 3, 3))

    def forward(self, x):
        x = F.relu(F.conv2d(x, self.weight))
        left, right = x.chunk(2, 1)
        largest, where = x.max(1)
        return left + right + largest.unsqueeze(1)


class FunctionalAsModules(Functional):
    """The same with a submodule for each operator, so that hooks hear of it."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.chunk = Apply(F.conv2d), Apply(F.relu), Apply(Tensor.chunk)
        self.max, self.unsqueeze = Apply(lambda x: tuple(x.max(1))), Apply(Tensor.unsqueeze)
        self.add = Apply(torch.add)

    def forward(self, x):
        x = self.relu(self.conv(x, self.weight))
        left, right = self.chunk(x, 2, 1)
        largest, where = self.max(x)
        both = self.add(left, right)
        return self.add(both, self.unsqueeze(largest, 1))


class Apply(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *arguments):
        return self.function(*arguments)


FUNCTIONAL_OPERATORS = {
    "/conv2d": "conv",
    "/relu": "relu",
    "/chunk[0]": "chunk[0]",
    "/chunk[1]": "chunk[1]",
    "/max[0]": "max[0]",
    "/max[1]": "max[1]",
    "/add": "add",
    "/unsqueeze": "unsqueeze",
    "/add#2": "add#2",
    "output": "output",
}


class Interfaces(nn.Module):
    """Submodules that are chosen at run time."""

    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([Double(), Half(), Double()])
        self.by_name = nn.ModuleDict({"twice": Double(), "halved": Half()})

    def forward(self, x: Tensor, which: str = "halved"):
        for i in range(3):
            step: Step = self.steps[i]
            x = step.forward(x)
        chosen: Step = self.by_name[which]
        return chosen.forward(x)


class InterfacesInPython(Interfaces):
    """The same, calling modules as Python does, so that hooks hear of it."""

    def forward(self, x, which: str = "halved"):
        for step in self.steps:
            x = step(x)
        return self.by_name[which](x)


class Clashes(nn.Module):
    """Names that the importer might have wanted for itself."""

    def __init__(self):
        super().__init__()
        self.output = nn.Linear(4, 4)
        self.palimpsest = nn.Linear(4, 4)
        self.recorder = nn.Linear(4, 4)
        self.path = nn.Linear(4, 4)
        self.name = nn.ReLU()

    def forward(self, x):
        palimpsest_path = self.palimpsest(x)
        recorder = self.recorder(palimpsest_path)
        path = self.path(recorder)
        result = self.name(path)
        return self.output(result)


class Forked(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = Small()
        self.right = Small()

    def forward(self, x):
        right = torch.jit.fork(self.right, x)
        left = self.left(x)
        return left + torch.jit.wait(right)


class Overloaded(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    @torch.jit._overload_method
    def forward(self, x: List[Tensor]) -> Tensor:  # noqa: F811
        pass

    @torch.jit._overload_method
    def forward(self, x: Tensor) -> Tensor:  # noqa: F811
        pass

    def forward(self, x):  # noqa: F811
        if isinstance(x, Tensor):
            return self.fc(x)
        return self.fc(x[0] + x[1])


class Overloads(nn.Module):
    def __init__(self):
        super().__init__()
        self.over = Overloaded()

    def forward(self, x):
        return self.over([x, self.over(x)])


class OtherMethods(nn.Module):
    """Reaches its submodules through methods that are no forward methods."""

    def __init__(self):
        super().__init__()
        self.inner = Encoder()
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        return self.finish(self.inner.encode(x, 2))

    def finish(self, x):
        return self.head(x)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def encode(self, x, times: int):
        for _ in range(times):
            x = self.fc(x)
        return x

    def forward(self, x):
        return self.encode(x, 1)


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 3)
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(self.embedding(x).mean(1))


class Deadly(nn.Module):
    """Kills the process for probes above 50: freeing a deep list overflows the native stack.

    It also prints, which TorchScript does to the process's standard output.
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        print("a word of the network's own")
        depth = 1
        if bool(x.max() > 50):
            depth = 1000000
        inner: List[Any] = [x]
        for _ in range(depth):
            outer: List[Any] = []
            outer.append(inner)
            inner = outer
        return self.conv(x) * len(inner)


class Overridable(nn.Module):
    """Asks whether its input is of a class that overrides PyTorch's functions."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3)
        self.act = nn.Tanh()

    def forward(self, x):
        overridden = torch.overrides.has_torch_function((x, (x, "(")))
        y = self.linear(x)
        if overridden or torch.overrides.has_torch_function((y,)):
            y = y + 4
        return self.act(y)


class Odd(nn.Module):
    """Layers whose results are integers, booleans, complex numbers, or no tensors."""

    def __init__(self):
        super().__init__()
        self.which = Largest()
        self.positive = Positive()
        self.spectrum = Spectrum()
        self.total = Total()
        self.count = Count()

    def forward(self, x):
        return x + self.total(x) * self.count(x) + self.which(x)[:, None] + (
            self.positive(x).float() + self.spectrum(x).abs()
        )


class Largest(nn.Module):
    def forward(self, x):
        return x.argmax(1)


class Positive(nn.Module):
    def forward(self, x):
        return x > 0


class Spectrum(nn.Module):
    def forward(self, x):
        return torch.fft.fft(x)


class Total(nn.Module):
    """Its result has no dimension of the samples."""

    def forward(self, x):
        return torch.ones(4, 3).to(x).sum(1)


class Count(nn.Module):
    def forward(self, x) -> int:
        return x.dim()


class SeqFirst(nn.Module):
    """Works with the samples in the second dimension, as PyTorch's sequence layers do."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 2)
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        y, last = self.rnn(x.transpose(0, 1))
        return self.head(y[-1])


class HookedPart(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 1)
        self.extra = nn.Conv2d(2, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def plus_one(self, input: Tuple[torch.Tensor]) -> Tuple[torch.Tensor]:
    return (input[0] + 1.0,)


def only_looks(self, input: Tuple[torch.Tensor]) -> None:
    return None


def twice(self, input: Tuple[torch.Tensor]) -> torch.Tensor:
    return input[0] * 2.0


def one_more(self, input: Tuple[torch.Tensor], output: torch.Tensor):
    return output + 1.0


def through_extra(self, input: Tuple[torch.Tensor], output: torch.Tensor):
    return self.extra(output) + input[0]


def through_part(self, input: Tuple[torch.Tensor], output: torch.Tensor):
    return self.last(self.part(output))


def as_pair(
    self, input: Tuple[torch.Tensor], output: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor]:
    return (output, output * 2.0)


class Hooked(nn.Module):
    """Forward hooks and pre-hooks on the network and on a module that is called three times."""

    def __init__(self):
        super().__init__()
        self.part = HookedPart()
        self.last = nn.Conv2d(2, 1, 1)
        self.act = nn.ReLU()
        for hook in (plus_one, only_looks, twice):
            self.part.register_forward_pre_hook(hook)
        self.part.register_forward_hook(one_more)
        self.part.register_forward_hook(through_extra)
        self.register_forward_pre_hook(plus_one)
        self.register_forward_pre_hook(twice)
        self.register_forward_hook(through_part)
        self.register_forward_hook(as_pair)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.act(self.last(self.part(x)))
        return y + self.act(self.last(self.part(x * 2.0)))


class CountsRuns(nn.Module):
    """Gives its input times the number of its runs, kept in an attribute."""

    n: int

    def __init__(self):
        super().__init__()
        self.n = 0

    def forward(self, x):
        self.n = self.n + 1
        return x * float(self.n)


class CountsInBuffer(nn.Module):
    """The same in a tensor that is changed in place."""

    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        self.seen.add_(1.0)
        return x * self.seen


class CountsInList(nn.Module):
    """The same by the length of a list."""

    seen: List[int]

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(1)
        return x * float(len(self.seen))


class CountsInTuple(nn.Module):
    """The same by a list in a tuple; no attribute is a list."""

    seen: Tuple[List[int], int]

    def __init__(self):
        super().__init__()
        self.seen = ([0], 1)

    def forward(self, x):
        times = self.seen[0]
        times[0] += 1
        return x * float(times[0])


class CountsInTensors(nn.Module):
    """The same by a tensor in a list, whose length stays."""

    seen: List[Tensor]

    def __init__(self):
        super().__init__()
        self.seen = [torch.zeros(1)]

    def forward(self, x):
        self.seen[0].add_(1)
        return x * self.seen[0]


class CountsInShape(nn.Module):
    """The same by the shape of a buffer, whose values stay."""

    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        self.seen.unsqueeze_(0)
        return x * float(self.seen.dim() - 1)


class CountsFromNan(nn.Module):
    """Gives its input in the first run, and twice that afterwards: a buffer is no number at first."""

    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.full((1,), float("nan")))

    def forward(self, x):
        times = 2.0 - torch.isnan(self.seen).float()
        self.seen.zero_()
        return x * times


class CountsManyInParameter(nn.Module):
    """Counts the runs with more than two probes in a tensor that is trained."""

    def __init__(self):
        super().__init__()
        self.times = nn.Parameter(torch.ones(1))

    def forward(self, x):
        answer = x * self.times
        with torch.no_grad():
            if x.shape[0] > 2:
                self.times.add_(1.0)
        return answer


class CountsManyInTensors(nn.Module):
    """Counts them in a list's tensor."""

    times: List[Tensor]

    def __init__(self):
        super().__init__()
        self.times = [torch.ones(1)]

    def forward(self, x):
        answer = x * self.times[0]
        if x.shape[0] > 2:
            self.times[0].add_(1)
        return answer


class MixesByGate(nn.Module):
    """Adds the mean of all that is shown, by a factor that starts at zero."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(1))
        self.part = nn.Linear(4, 3)

    def forward(self, x):
        y = self.part(x)
        return y + self.gate * y.mean()


class Noisy(nn.Module):
    """Draws random numbers in evaluation mode."""

    def forward(self, x):
        return x + torch.rand_like(x)


class DropsOutAlways(nn.Module):
    """Drops out in evaluation mode too, as Monte Carlo dropout does."""

    def forward(self, x):
        return nn.functional.dropout(x, 0.5, True)


CASES: List[Case] = [
    Case("hooked", Hooked),
    Case("unet_scripted", UNet),
    Case("unet_traced", SmallUNet, traced=True),
    Case("containers_scripted", Containers),
    Case("containers_traced", Containers, traced=True),
    Case("shared_scripted", Shared, rename={"first#2": "second"}),
    Case("shared_traced", Shared, traced=True),
    Case("reused_scripted", ReusedRelu),
    Case("reused_traced", ReusedRelu, traced=True),
    Case("in_place_scripted", InPlace),
    Case("in_place_traced", InPlace, traced=True),
    Case("results_scripted", Results),
    Case("results_traced", TracedResults, traced=True, rename={"d[p]": "d[0]", "d[q]": "d[1]"}),
    Case("control_flow", ControlFlow, shape=(3, 2, 8)),
    Case("dropout_saved_in_training", Dropouts, training=True),
    Case("double", lambda: Small().double(), shape=(5, 4), input_type=torch.float64),
    Case("bfloat16", lambda: Small().bfloat16(), shape=(5, 4), input_type=torch.bfloat16),
    Case("quantised", Quantised),
    Case("quantised_layers", quantised_layers),
    Case("recurrent", Recurrent, shape=(5, 6, 3)),
    Case("attention", Attention, shape=(3, 5, 4)),
    Case("volume", Volume, shape=(3, 1, 4, 4, 4)),
    Case(
        "frozen_scripted",
        Plain,
        finish=lambda a: torch.jit.freeze(a),
        expected=PLAIN_OPERATORS,
    ),
    Case(
        "frozen_traced",
        Plain,
        traced=True,
        finish=lambda a: torch.jit.freeze(a),
        expected={key.replace("conv2d", "_convolution"): v for key, v in PLAIN_OPERATORS.items()},
    ),
    Case("functional", Functional, python=FunctionalAsModules, expected=FUNCTIONAL_OPERATORS),
    Case("interfaces", Interfaces, shape=(5, 4), python=InterfacesInPython),
    Case("clashes", Clashes, shape=(5, 4), output="network_output"),
    Case("forked", Forked, shape=(5, 4)),
    Case("overloads", Overloads, shape=(5, 4)),
    Case("other_methods", OtherMethods, shape=(5, 4)),
    Case("tokens", Tokens, shape=(5, 4), whole_numbers=10),
    Case("odd", Odd, shape=(5, 4)),
    Case("samples_second", SeqFirst, shape=(5, 4, 3)),
    Case(
        "transformer",
        lambda: nn.TransformerEncoderLayer(4, 2, 4, batch_first=True),
        shape=(3, 5, 4),
    ),
    Case(
        "transformer_of_1_12",
        lambda: nn.TransformerEncoderLayer(4, 2, 4, batch_first=True),
        shape=(3, 5, 4),
        torch="1.12",
    ),
    Case("overridable", Overridable, shape=(5, 4), torch="1.9"),
]
