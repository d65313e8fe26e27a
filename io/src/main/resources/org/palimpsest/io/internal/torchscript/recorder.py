class Recorder:
  discovering : bool
  wanted : Dict[str, str]
  picks : List[Tensor]
  calls : Dict[str, int]
  lines : List[str]
  values : List[Tensor]
  starts : Dict[str, int]
  ends : Dict[str, int]
  changed : bool
  state : List[float]
  adopting : bool
  adopted : int
  def __init__(self: __torch__.palimpsest.Recorder,
    wanted: str,
    targets: str,
    picks: List[Tensor],
    discovering: bool) -> NoneType:
    self.discovering = discovering
    self.wanted = annotate(Dict[str, str], {})
    self.picks = picks
    self.calls = annotate(Dict[str, int], {})
    self.lines = annotate(List[str], [])
    self.values = annotate(List[Tensor], [])
    self.starts = annotate(Dict[str, int], {})
    self.ends = annotate(Dict[str, int], {})
    self.changed = False
    self.state = annotate(List[float], [])
    self.adopting = False
    self.adopted = 0
    names = torch.split(wanted, "\n")
    reductions = torch.split(targets, "\n")
    for i in range(torch.len(names)):
      self.wanted[names[i]] = reductions[i]
    return None
  def call(self: __torch__.palimpsest.Recorder,
    path: str) -> str:
    count = 1
    if torch.__contains__(self.calls, path):
      count = torch.add(self.calls[path], 1)
    self.calls[path] = count
    self.starts[path] = torch.len(self.lines)
    self.ends[path] = torch.len(self.lines)
    return (self).name(path, )
  def name(self: __torch__.palimpsest.Recorder,
    path: str) -> str:
    name = path
    if torch.gt(self.calls[path], 1):
      name = torch.format("{}#{}", path, self.calls[path])
    return name
  def again(self: __torch__.palimpsest.Recorder,
    path: str) -> str:
    if torch.__contains__(self.calls, path):
      for i in range(torch.sub(self.ends[path], self.starts[path])):
        self.lines[torch.add(self.starts[path], i)] = ""
        self.values[torch.add(self.starts[path], i)] = torch.zeros([0])
      self.starts[path] = torch.len(self.lines)
      self.ends[path] = torch.len(self.lines)
      return (self).name(path, )
    return (self).call(path, )
  def see(self: __torch__.palimpsest.Recorder,
    value: Tensor) -> NoneType:
    if self.adopting:
      (self).adopt(value, )
    plain = (self).strided(value, )
    for i in range(torch.dim(plain)):
      (self).count(torch.size(plain, i), )
    flat = torch.reshape(plain, [-1])
    length = torch.numel(flat)
    for i in range(torch.floordiv(torch.add(length, 1048575), 1048576)):
      first = torch.mul(i, 1048576)
      (self).sums(torch.narrow(flat, 0, first, ops.prim.min(1048576, torch.sub(length, first))), )
    return None
  def adopt(self: __torch__.palimpsest.Recorder,
    value: Tensor) -> NoneType:
    stored = self.picks[self.adopted]
    self.adopted = torch.add(self.adopted, 1)
    torch.copy_(torch.detach(value), torch.reshape(stored, torch.size(value)))
    return None
  def bits(self: __torch__.palimpsest.Recorder,
    flat: Tensor) -> Tensor:
    if torch.__not__(torch.is_floating_point(flat)):
      return torch.to(flat, 4)
    m, e = torch.frexp(torch.to(flat, 7))
    whole = torch.nan_to_num(torch.mul(m, 9007199254740992.), 1., 3., 5.)
    return torch.add(torch.to(whole, 4), torch.mul(torch.to(e, 4), 1000003))
  def sums(self: __torch__.palimpsest.Recorder,
    some: Tensor) -> NoneType:
    parts = [some]
    if torch.eq(torch.numel(some), 1048576):
      square = torch.reshape(some, [1024, 1024])
      if torch.is_floating_point(some):
        square = torch.nan_to_num(torch.to(square, 7), 0.7310585786, 1313261.6875, -20611.53125)
      parts = [torch.sum(square, [0]), torch.sum(square, [1])]
    for i in range(torch.len(parts)):
      bits = (self).bits(parts[i], )
      (self).count(torch.remainder(int(torch.sum(torch.cumsum(bits, 0))), 1073741789), )
      (self).count(torch.remainder(int(torch.sum(bits)), 1073741789), )
    return None
  def count(self: __torch__.palimpsest.Recorder,
    elements: int) -> NoneType:
    torch.append(self.state, float(elements))
    return None
  def spelt(self: __torch__.palimpsest.Recorder,
    key: str) -> str:
    parts = annotate(List[str], [])
    for i in range(torch.len(key)):
      letter = key[i]
      code = torch.ord(letter)
      plain = torch.__and__(torch.gt(code, 32), torch.lt(code, 127))
      if torch.__and__(plain, torch.ne(code, 37)):
        torch.append(parts, letter)
      else:
        torch.append(parts, torch.format("%{};", code))
    return torch.join("", parts)
  def finish(self: __torch__.palimpsest.Recorder,
    path: str) -> NoneType:
    self.ends[path] = torch.len(self.lines)
    return None
  def tensor(self: __torch__.palimpsest.Recorder,
    name: str,
    value: Tensor) -> NoneType:
    if value.is_nested:
      return None
    size = torch.size(value)
    if torch.is_complex(value):
      torch.append(size, 2)
    if self.discovering:
      torch.append(self.lines, torch.format("{}\t{}", name, size))
      torch.append(self.values, (self).glimpse(value, ))
    elif torch.__contains__(self.wanted, name):
      torch.append(self.lines, torch.format("{}\t{}", name, size))
      if torch.eq(self.wanted[name], ""):
        torch.append(self.values, (self).copy(value, ))
      else:
        torch.append(self.values, (self).reduced(value, size, self.wanted[name], ))
    return None
  def glimpse(self: __torch__.palimpsest.Recorder,
    value: Tensor) -> Tensor:
    if torch.eq(torch.dim(value), 0):
      return torch.zeros([0])
    if torch.eq(torch.numel(value), 0):
      return torch.zeros([0])
    last = torch.flatten(torch.select((self).strided(value, ), 0, -1))
    step = ops.prim.max(1, torch.floordiv(torch.numel(last), 256))
    some = torch.to(torch.slice(last, 0, 0, torch.numel(last), step), 7)
    return torch.cat([some, torch.reshape(torch.sum(last, dtype=7), [1])])
  def reduced(self: __torch__.palimpsest.Recorder,
    value: Tensor,
    size: List[int],
    reduction: str) -> Tensor:
    parts = torch.split(reduction, "\t")
    expected = torch.format("[{}, {}", torch.size(self.picks[0], 0), parts[0])
    if torch.ne(torch.format("{}", size), expected):
      return torch.zeros([0])
    plain = (self).strided(value, )
    dtype = 6
    if torch.__contains__([3, 4, 7], plain.dtype):
      dtype = 7
    result = (self).matrices(plain, torch.split(parts[1], ";"), )
    if torch.eq(torch.dim(result), 1):
      return result
    return torch.to(result, dtype)
  def matrices(self: __torch__.palimpsest.Recorder,
    value: Tensor,
    targets: List[str]) -> Tensor:
    probes = torch.size(value, 0)
    channels = torch.size(value, 1)
    narrow = torch.ne(value.dtype, 7)
    positions = torch.numel(torch.select(torch.select(value, 0, 0), 0, 0))
    some = ops.prim.min(channels, ops.prim.max(1, torch.floordiv(2097152, positions)))
    few = ops.prim.max(1, torch.floordiv(2097152, torch.mul(positions, some)))
    rows = 0
    for i in range(torch.len(targets)):
      rows = torch.add(rows, torch.size((self).picked(targets[i], ), 1))
    result = torch.zeros([probes, rows, channels], dtype=7)
    flaw = -1
    flawed = 0.
    for i in range(torch.floordiv(torch.sub(torch.add(probes, few), 1), few)):
      first = torch.mul(i, few)
      count = ops.prim.min(few, torch.sub(probes, first))
      for j in range(torch.floordiv(torch.sub(torch.add(channels, some), 1), some)):
        channel = torch.mul(j, some)
        width = ops.prim.min(some, torch.sub(channels, channel))
        stored = torch.narrow(torch.narrow(value, 0, first, count), 1, channel, width)
        part = torch.to(stored, 7)
        if torch.__not__(bool(torch.isfinite(torch.sum(part)))):
          values = torch.flatten(part)
          found = torch.logical_not(torch.isfinite(values))
          if torch.__and__(bool(torch.any(found)), torch.lt(flaw, 0)):
            at = int(torch.argmax(torch.to(found, 4)))
            flaw = torch.add(torch.mul(torch.add(torch.mul(first, channels), channel), positions), at)
            flawed = float(torch.select(values, 0, at))
        row = 0
        for k in range(torch.len(targets)):
          picked = torch.narrow((self).picked(targets[k], ), 0, first, count)
          drawn = torch.size(picked, 1)
          maps = torch.flatten((self).averaged(part, targets[k], narrow, ), 2)
          index = torch.expand(torch.unsqueeze(picked, 1), [count, width, drawn])
          block = torch.narrow(torch.narrow(result, 0, first, count), 1, row, drawn)
          torch.copy_(torch.narrow(block, 2, channel, width), torch.transpose(torch.gather(maps, 2, index), 1, 2))
          row = torch.add(row, drawn)
    if torch.ge(flaw, 0):
      return torch.tensor([float(flaw), flawed], dtype=7)
    return result
  def picked(self: __torch__.palimpsest.Recorder,
    target: str) -> Tensor:
    return self.picks[int((torch.split(target, ":"))[1])]
  def averaged(self: __torch__.palimpsest.Recorder,
    values: Tensor,
    target: str,
    narrow: bool) -> Tensor:
    extents = torch.split((torch.split(target, ":"))[0], ",")
    result = values
    for i in range(torch.len(extents)):
      result = (self).average(result, torch.add(i, 2), int(extents[i]), narrow, )
    return result
  def average(self: __torch__.palimpsest.Recorder,
    values: Tensor,
    axis: int,
    target: int,
    narrow: bool) -> Tensor:
    source = torch.size(values, axis)
    if torch.eq(source, target):
      return values
    shape = torch.size(values)
    shape[axis] = target
    result = torch.zeros(shape, dtype=7)
    if torch.eq(torch.remainder(source, target), 0):
      ratio = torch.floordiv(source, target)
      exact = torch.__and__(narrow, torch.eq(torch.__and__(ratio, torch.sub(ratio, 1)), 0))
      share = torch.div(1., float(ratio))
      cells = torch.unflatten(values, axis, [target, ratio])
      for i in range(ratio):
        cell = torch.select(cells, torch.add(axis, 1), i)
        if exact:
          torch.add_(result, cell, alpha=share)
        else:
          torch.add_(result, torch.mul(cell, share))
      return result
    cells = torch.arange(target, dtype=7)
    low = torch.div(torch.mul(cells, source), target)
    high = torch.div(torch.mul(torch.add(cells, 1.), source), target)
    first = torch.floor(low)
    last = torch.clamp(torch.ceil(high), None, float(source))
    across = torch.mul([1], torch.dim(values))
    across[axis] = target
    for i in range(int(torch.max(torch.sub(last, first)))):
      at = torch.add(first, float(i))
      covered = torch.sub(torch.minimum(high, torch.add(at, 1.)), torch.maximum(low, at))
      share = torch.div(covered, torch.sub(high, low))
      inside = torch.where(torch.lt(at, last), share, torch.zeros_like(share))
      index = torch.to(torch.clamp(at, None, float(torch.sub(source, 1))), 4)
      part = torch.index_select(values, axis, index)
      torch.add_(result, torch.mul(part, torch.reshape(inside, across)))
    return result
  def strided(self: __torch__.palimpsest.Recorder,
    value: Tensor) -> Tensor:
    plain = value
    if value.is_quantized:
      plain = (self).copy(value, )
    elif value.is_sparse:
      plain = (self).copy(value, )
    elif value.is_mkldnn:
      plain = (self).copy(value, )
    elif torch.is_complex(value):
      plain = (self).copy(value, )
    return plain
  def copy(self: __torch__.palimpsest.Recorder,
    value: Tensor) -> Tensor:
    plain = value
    if value.is_quantized:
      plain = torch.dequantize(value)
    elif value.is_sparse:
      plain = torch.to_dense(value)
    elif value.is_mkldnn:
      plain = torch.to_dense(value)
    if torch.is_complex(plain):
      plain = torch.view_as_real(torch.resolve_conj(plain))
    dtype = 6
    if torch.__contains__([3, 4, 7], plain.dtype):
      dtype = 7
    return torch.to(plain, dtype, False, True, 0)
