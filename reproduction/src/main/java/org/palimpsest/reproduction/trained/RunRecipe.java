package org.palimpsest.reproduction.trained;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.images.SegmentationTask;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNet;
import org.palimpsest.reproduction.training.UNetDesign;

/**
 * Everything that decides what a training run comes to.
 *
 * @param network the architecture
 * @param start what it starts from
 * @param frozen the modules whose parameters keep their values, such as {@code enc1} or {@code
 *     enc1.conv1}; statistics of batch normalisation follow the data even there
 * @param task what it learns
 * @param images how many images it learns from
 * @param heldOut how many other images its Dice is measured on
 * @param plan how long it learns
 * @param seed decides the order and mirroring of the images
 */
public record RunRecipe(
    UNetDesign network,
    Start start,
    List<String> frozen,
    SegmentationTask task,
    int images,
    int heldOut,
    TrainingPlan plan,
    long seed) {

  /** To be raised when the same recipe begins to give another network. */
  private static final int REVISION = 3;

  private static final ObjectMapper JSON = new ObjectMapper();

  public RunRecipe {
    frozen = List.copyOf(frozen);
    if (task.extents().stream().anyMatch(extent -> !network.canHalve(extent))) {
      throw new PalimpsestException(
          "A U-Net of depth %s halves its images %s times, which those of %s do not allow. Take another depth."
              .formatted(
                  network.depth(),
                  network.depth() - 1,
                  task.extents().stream().map(String::valueOf).collect(Collectors.joining("×"))));
    }
    Set<String> paths = frozen.isEmpty() ? Set.of() : UNet.of(network).slots().keySet();
    for (String module : frozen) {
      if (paths.stream().noneMatch(path -> isIn(module, path))) {
        throw new PalimpsestException(
            "There is no module '%s' to freeze among those of %s."
                .formatted(module, network.blocks()));
      }
    }
  }

  public RunRecipe withStart(Start other) {
    return new RunRecipe(network, other, frozen, task, images, heldOut, plan, seed);
  }

  /** With those modules kept as they are at the start. */
  public RunRecipe withFrozen(List<String> modules) {
    return new RunRecipe(network, start, modules, task, images, heldOut, plan, seed);
  }

  /** Whether a parameter keeps its values. */
  boolean isFrozen(String path) {
    return frozen.stream().anyMatch(module -> isIn(module, path));
  }

  private static boolean isIn(String module, String path) {
    return path.startsWith(module + ".");
  }

  String toJson() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("records of plain values have a JSON form", impossible);
    }
  }

  /** SHA-256 in hexadecimal. */
  public String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest((REVISION + toJson()).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }
}
