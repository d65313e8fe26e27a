class Recorder:
  discovering : bool
  wanted : Dict[str, bool]
  calls : Dict[str, int]
  lines : List[str]
  values : List[Tensor]
  starts : Dict[str, int]
  ends : Dict[str, int]
  changed : bool
  state : List[float]
  def __init__(self: __torch__.palimpsest.Recorder,
    wanted: str,
    discovering: bool) -> NoneType:
    self.discovering = discovering
    self.wanted = annotate(Dict[str, bool], {})
    self.calls = annotate(Dict[str, int], {})
    self.lines = annotate(List[str], [])
    self.values = annotate(List[Tensor], [])
    self.starts = annotate(Dict[str, int], {})
    self.ends = annotate(Dict[str, int], {})
    self.changed = False
    self.state = annotate(List[float], [])
    for name in torch.split(wanted, "\n"):
      self.wanted[name] = True
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
        if torch.__not__(self.discovering):
          self.values[torch.add(self.starts[path], i)] = torch.zeros([0])
      self.starts[path] = torch.len(self.lines)
      self.ends[path] = torch.len(self.lines)
      return (self).name(path, )
    return (self).call(path, )
  def see(self: __torch__.palimpsest.Recorder,
    value: Tensor) -> NoneType:
    plain = value
    if value.is_quantized:
      plain = (self).copy(value, )
    elif value.is_sparse:
      plain = (self).copy(value, )
    elif value.is_mkldnn:
      plain = (self).copy(value, )
    elif torch.is_complex(value):
      plain = (self).copy(value, )
    if torch.gt(torch.numel(plain), 1048576):
      torch.append(self.state, float(torch.nan_to_num(torch.sum(plain, dtype=7), 0., 1., -1.)))
    else:
      flat = torch.nan_to_num(torch.to(torch.reshape(plain, [-1]), 7), 0., 1., -1.)
      torch.append(self.state, float(torch.sum(flat)))
      torch.append(self.state, float(torch.sum(torch.cumsum(flat, 0))))
    return None
  def count(self: __torch__.palimpsest.Recorder,
    elements: int) -> NoneType:
    torch.append(self.state, float(elements))
    return None
  def finish(self: __torch__.palimpsest.Recorder,
    path: str) -> NoneType:
    self.ends[path] = torch.len(self.lines)
    return None
  def tensor(self: __torch__.palimpsest.Recorder,
    name: str,
    value: Tensor) -> NoneType:
    if value.is_nested:
      return None
    if self.discovering:
      torch.append(self.lines, torch.format("{}\t{}", name, torch.size(value)))
    elif torch.__contains__(self.wanted, name):
      torch.append(self.lines, torch.format("{}\t{}", name, torch.size(value)))
      torch.append(self.values, (self).copy(value, ))
    return None
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
