package org.palimpsest.io.npy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Version;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.internal.file.StrictJson;

/**
 * What an NPZ archive of activations says of their origin, kept as JSON in the archive's comment,
 * which NumPy does not look at.
 */
record CaptureRecord(Provenance model, Fingerprint probes) {

  private static final int MAX_COMMENT = 0xffff;
  private static final String FORMAT = "palimpsest-activations";
  private static final Pattern FINGERPRINT = Pattern.compile("([0-9a-f]{64})?");
  private static final ObjectMapper JSON = StrictJson.mapper();

  /** With as many of the first notes as there is room for. */
  String toComment() {
    String comment = toComment(model.notes());
    int kept = model.notes().size();
    while (kept > 0 && comment.getBytes(StandardCharsets.UTF_8).length > MAX_COMMENT) {
      kept /= 2;
      List<String> first = new ArrayList<>(model.notes().subList(0, kept));
      first.add("further notes did not fit into the archive");
      comment = toComment(first);
    }
    return comment;
  }

  private String toComment(List<String> notes) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("version", Version.current());
    root.put("origin", model.origin());
    root.put("sha256", model.sha256());
    root.put("probes", probes.value());
    notes.forEach(root.putArray("notes")::add);
    return root.toString();
  }

  /** Reads the comment of an archive; empty if it was written by another tool. */
  static Optional<CaptureRecord> parse(Path file, String comment) {
    if (!comment.contains(FORMAT)) {
      return Optional.empty();
    }
    try {
      JsonNode root = JSON.readTree(comment);
      String probes = text(root, "probes", file);
      if (!text(root, "format", file).equals(FORMAT) || !FINGERPRINT.matcher(probes).matches()) {
        throw damaged(file);
      }
      List<String> notes = new ArrayList<>();
      for (JsonNode note : list(root.path("notes"), file)) {
        notes.add(requireText(note, file));
      }
      Provenance model =
          new Provenance(text(root, "origin", file), text(root, "sha256", file), notes);
      return Optional.of(new CaptureRecord(model, new Fingerprint(probes)));
    } catch (JsonProcessingException failure) {
      throw damaged(file);
    }
  }

  private static String text(JsonNode root, String name, Path file) {
    return root.has(name) ? requireText(root.path(name), file) : "";
  }

  private static String requireText(JsonNode node, Path file) {
    if (!node.isTextual()) {
      throw damaged(file);
    }
    return node.textValue();
  }

  private static JsonNode list(JsonNode node, Path file) {
    if (!node.isArray() && !node.isMissingNode()) {
      throw damaged(file);
    }
    return node;
  }

  private static PalimpsestException damaged(Path file) {
    return new PalimpsestException(
        file + " has a damaged record of its origin. Capture the activations again.");
  }
}
