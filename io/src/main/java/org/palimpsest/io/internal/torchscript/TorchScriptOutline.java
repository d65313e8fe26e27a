package org.palimpsest.io.internal.torchscript;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.capture.RunNames;
import org.palimpsest.io.internal.pytorch.ModuleTree;
import org.palimpsest.io.internal.pytorch.SavedModule;
import org.palimpsest.io.network.LayerOutline;

/**
 * What a TorchScript archive says of its network. Nothing of it is run, and PyTorch is not needed.
 *
 * @param writer the tool that wrote it, as far as the archive tells
 * @param layers the network and its modules, each before those in it; or, where there are none, the
 *     operators of {@code forward} in the order of its text
 * @param runnable whether it is a network of one input, which can be shown probes
 * @param notes its class, mode and input, and why it cannot be captured if it cannot
 */
public record TorchScriptOutline(
    String writer, List<LayerOutline> layers, boolean runnable, List<String> notes) {

  public TorchScriptOutline {
    layers = List.copyOf(layers);
    notes = List.copyOf(notes);
  }

  /**
   * @throws PalimpsestException if the file is no TorchScript archive, is damaged, or names what
   *     could do harm
   */
  public static TorchScriptOutline read(Path file) {
    return TorchScriptArchive.bounded(file, () -> readBounded(file));
  }

  private static TorchScriptOutline readBounded(Path file) {
    ArchiveContent archive = TorchScriptArchive.read(file);
    List<SavedModule> modules = ModuleTree.ofScripted(file, archive.library());
    List<LayerOutline> layers = new ArrayList<>(new ModuleLines(archive).of(modules));
    List<String> notes = new ArrayList<>(facts(archive));
    boolean runnable = true;
    try {
      ArchiveRewriter rewriter =
          new ArchiveRewriter(archive.library(), archive.root(), RunnableForward.of(archive));
      List<LayerOutline> operators = operators(rewriter.operators());
      if (!operators.isEmpty()) {
        layers.addAll(0, operators);
        notes.add(
            "has no submodules that run, as after torch.jit.freeze: what 'capture' gives are the"
                + " results of its operators, as far as they are tensors");
      }
    } catch (PalimpsestException refused) {
      runnable = false;
      notes.add("cannot be captured: " + refused.getMessage());
    }
    return new TorchScriptOutline(writer(archive), layers, runnable, notes);
  }

  private static String writer(ArchiveContent archive) {
    return "PyTorch %s, TorchScript format %s"
        .formatted(
            archive.writtenSince21() ? "2.1 or later" : "before 2.1", archive.formatVersion());
  }

  private static List<String> facts(ArchiveContent archive) {
    List<String> facts = new ArrayList<>();
    facts.add("the network's class is " + archive.root().name());
    ScriptMethod forward = archive.root().methods().get("forward");
    if (forward != null) {
      facts.add(
          "forward(%s) -> %s".formatted(String.join(", ", forward.inputs()), forward.returns()));
    }
    boolean training = archive.data().savedInTraining();
    facts.add(
        training
            ? "saved in training mode; 'capture' runs it in evaluation mode"
            : "saved in evaluation mode");
    if (TorchScriptArchive.isTracedInTraining(archive)) {
      facts.add("traced in training mode: its dropout or batch statistics cannot be turned off");
    }
    Set<String> types = new TreeSet<>(archive.storages());
    if (!types.isEmpty()) {
      facts.add(
          "its tensors are of type "
              + types.stream()
                  .map(type -> type.replace("Storage", ""))
                  .collect(Collectors.joining(", ")));
    }
    return facts;
  }

  private static List<LayerOutline> operators(List<String> names) {
    RunNames runs = new RunNames();
    return names.stream()
        .map(
            name ->
                new LayerOutline(
                    runs.next("/" + name), "operator", OptionalLong.empty(), List.of()))
        .toList();
  }

  /** Says of each module in an archive what its code tells. */
  private record ModuleLines(ArchiveContent archive) {

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
      return told.size() > 1
          ? Optional.of("methods: " + String.join(", ", told))
          : Optional.empty();
    }
  }
}
