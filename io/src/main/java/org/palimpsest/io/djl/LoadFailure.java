package org.palimpsest.io.djl;

import ai.djl.engine.Engine;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;

/** Says why libtorch would not load an archive. */
final class LoadFailure {

  private static final Pattern UNKNOWN_TO_RUNTIME =
      Pattern.compile(
          "(?s).*(Unknown builtin op|maximum supported version|version \\d+, but the maximum"
              + "|Unknown type name|Could not find any similar ops|Arguments for call are not valid"
              + "|Unknown qualified name).*");

  private LoadFailure() {}

  private static final Pattern MISSING_OPERATOR =
      Pattern.compile("Unknown builtin op: aten::(\\w+)");

  private static final Pattern REFUSED_CALL =
      Pattern.compile("The original call is:[^~]*ops\\.\\w+\\.(\\w+)\\([^\\n]*\\n *~");

  static PalimpsestException of(TorchScriptArchive archive, Throwable failure) {
    String reason = NativeMessage.of(failure);
    if (archive.graph().isPresent()) {
      return ofGraph(archive, reason, failure);
    }
    if (UNKNOWN_TO_RUNTIME.matcher(String.valueOf(failure.getMessage())).matches()) {
      return new PalimpsestException(
          ("%s (file format version %d) needs something that the runtime, PyTorch %s, does not"
                  + " have: %s It was written by a newer PyTorch or uses an extension library."
                  + " Save it again with PyTorch %s or older, or export it without the extension.")
              .formatted(
                  archive.file(), archive.formatVersion(), version(), sentence(reason), version()),
          failure);
    }
    return new PalimpsestException(
        "%s cannot be loaded by PyTorch %s: %s"
            .formatted(archive.file(), version(), sentence(reason)),
        failure);
  }

  private static PalimpsestException ofGraph(
      TorchScriptArchive archive, String reason, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher missing = MISSING_OPERATOR.matcher(message);
    Matcher call = REFUSED_CALL.matcher(message);
    if (call.find()) {
      return new PalimpsestException(
          "%s calls the operator %s in a way that the runtime, PyTorch %s, does not have."
              .formatted(archive.file(), call.group(1), version()),
          failure);
    }
    return new PalimpsestException(
        missing.find()
            ? "%s needs the operator %s, which the runtime, PyTorch %s, does not have."
                .formatted(archive.file(), missing.group(1), version())
            : "%s describes a network that the runtime, PyTorch %s, cannot run: %s"
                .formatted(archive.file(), version(), sentence(reason)),
        failure);
  }

  private static String sentence(String reason) {
    return reason.endsWith(".") ? reason : reason + ".";
  }

  private static String version() {
    return Engine.getEngine(PyTorchRuntime.ENGINE).getVersion();
  }
}
