class Recorder:
  discovering : bool
  wanted : Dict[str, bool]
  calls : Dict[str, int]
  lines : List[str]
  values : List[Tensor]
  def __init__(self: __torch__.palimpsest.Recorder,
    wanted: str,
    discovering: bool) -> NoneType:
    self.discovering = discovering
    self.wanted = annotate(Dict[str, bool], {})
    self.calls = annotate(Dict[str, int], {})
    self.lines = annotate(List[str], [])
    self.values = annotate(List[Tensor], [])
    for name in torch.split(wanted, "\n"):
      self.wanted[name] = True
    return None
  def call(self: __torch__.palimpsest.Recorder,
    path: str) -> str:
    count = 1
    if torch.__contains__(self.calls, path):
      count = torch.add(self.calls[path], 1)
    self.calls[path] = count
    name = path
    if torch.gt(count, 1):
      name = torch.format("{}#{}", path, count)
    return name
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
