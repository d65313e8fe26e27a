package org.palimpsest.io.torchscript;

import java.util.List;

/** The method of the root module that Java calls. */
final class EntryMethod {

  private EntryMethod() {}

  /**
   * It takes the probes, the number of the type that the network wants them in, the layers to
   * record (one per line) and whether only names and shapes are asked for. It gives lines of names
   * and shapes, and a list of tensors in the same order.
   */
  static List<String> lines(AddedNames names, ScriptClass root, ScriptMethod forward) {
    String recorder = names.recorder();
    String type = names.recorderClass();
    boolean list = ScriptMethod.typeOf(forward.inputs().get(0)).name().equals("List");
    String input = names.local("input");
    return List.of(
        "  def %s(self: %s,".formatted(names.entryMethod(), root.name()),
        "    probes: Tensor,",
        "    dtype: int,",
        "    wanted: str,",
        "    discovering: bool) -> Tuple[str, List[Tensor]]:",
        "    %s = %s.__new__(%s)".formatted(recorder, type, type),
        "    (%s).__init__(wanted, discovering, )".formatted(recorder),
        "    %s = torch.to(probes, dtype, False, True)".formatted(input),
        "    (self).%s(%s, \"\", %s, )"
            .formatted(
                names.twinOf(forward.name()),
                recorder,
                list ? "torch.unbind(%s)".formatted(input) : input),
        "    return (torch.join(\"\\n\", (%s).lines), (%s).values)".formatted(recorder, recorder));
  }
}
