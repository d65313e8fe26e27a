package org.palimpsest.io.internal.torchscript;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.pytorch.SavedModule;
import org.palimpsest.io.network.LayerOutline;

/** Says of each module in an archive what its code tells. */
record ModuleLines(ArchiveContent archive) {

  /** Its own helpers are of no interest. */
  private static final String OF_PYTORCH = "torch.nn.";

  List<LayerOutline> of(List<SavedModule> modules) {
    String output = LayerNames.avoiding(archive.root().attributes().keySet()).output();
    return modules.stream()
        .map(module -> module.outline(output, methods(module).stream().toList()))
        .toList();
  }

  /** Nothing where there is one forward and no more, as nearly everywhere. */
  private Optional<String> methods(SavedModule module) {
    ScriptClass type = archive.library().find(module.type());
    Collection<ScriptMethod> methods = type == null ? List.of() : type.methods().values();
    if (methods.stream().noneMatch(ScriptMethod::isForward)) {
      return Optional.of("has no forward, so it is not captured itself");
    }
    boolean own = !module.type().contains(OF_PYTORCH);
    List<String> told =
        methods.stream()
            .filter(method -> method.isForward() || own && !method.name().startsWith("_"))
            .map(ScriptMethod::name)
            .toList();
    return told.size() > 1 ? Optional.of("methods: " + String.join(", ", told)) : Optional.empty();
  }
}
