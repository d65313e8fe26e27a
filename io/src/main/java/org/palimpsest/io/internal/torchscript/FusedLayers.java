package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes the short cut out of Transformer layers.
 *
 * <p>In evaluation mode they may hand all their weights to one fused operator, and the layers
 * within are never called. The branch that does so is closed in the twin; the other one computes
 * the same.
 */
final class FusedLayers {

  private static final Pattern FUSED = Pattern.compile("\\b_transformer_encoder_layer_fwd\\(");
  private static final Pattern CONDITION = Pattern.compile(" *+if .*:\\s*+");

  private FusedLayers() {}

  static List<String> unfused(List<String> body) {
    List<String> open = new ArrayList<>(body);
    for (int i = 0; i < open.size(); i++) {
      if (FUSED.matcher(open.get(i)).find()) {
        close(open, i);
      }
    }
    return open;
  }

  private static void close(List<String> body, int fused) {
    int indentation = ScriptText.indentation(body.get(fused));
    for (int i = fused - 1; i >= 0; i--) {
      String line = body.get(i);
      if (!line.isBlank() && ScriptText.indentation(line) < indentation) {
        if (CONDITION.matcher(line).matches()) {
          body.set(i, " ".repeat(ScriptText.indentation(line)) + "if False:");
        }
        return;
      }
    }
  }
}
