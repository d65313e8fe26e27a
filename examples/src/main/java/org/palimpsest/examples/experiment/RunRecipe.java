package org.palimpsest.examples.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.palimpsest.examples.images.SegmentationTask;
import org.palimpsest.examples.training.TrainingPlan;
import org.palimpsest.examples.training.UNetDesign;

/**
 * Everything that decides what a training run comes to.
 *
 * @param network the architecture
 * @param initialisation what it starts from, such as {@code he:1} or {@code transferred:} and the
 *     hash of another recipe
 * @param task what it learns
 * @param images how many images it learns from
 * @param heldOut how many other images its Dice is measured on
 * @param plan how long it learns
 * @param seed decides the order and mirroring of the images
 */
record RunRecipe(
    UNetDesign network,
    String initialisation,
    SegmentationTask task,
    int images,
    int heldOut,
    TrainingPlan plan,
    long seed) {

  /** To be raised when the same recipe begins to give another network. */
  private static final int REVISION = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  String toJson() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("records of plain values have a JSON form", impossible);
    }
  }

  /** SHA-256 in hexadecimal. */
  String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest((REVISION + toJson()).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }
}
