package org.palimpsest.similarity.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/**
 * Values by NumPy 1.24 and SciPy 1.10, written by src/test/python/make_weight_figures.py: a layer
 * of each kind at three moments of training, and one of another network.
 *
 * @param node one case of the file
 */
public record GoldenWeights(JsonNode node) {

  public static Stream<GoldenWeights> all() {
    try (InputStream file = GoldenWeights.class.getResourceAsStream("/weights/figures.json")) {
      JsonNode cases = new ObjectMapper().readTree(file).get("cases");
      return StreamSupport.stream(cases.spliterator(), false).map(GoldenWeights::new);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public static GoldenWeights of(String layer) {
    return all().filter(c -> c.layer().equals(layer)).findFirst().orElseThrow();
  }

  public String layer() {
    return node.get("layer").asText();
  }

  public LayerKind kind() {
    return LayerKind.valueOf(node.get("kind").asText());
  }

  /** The layer at {@code before}, {@code middle} or {@code after}, or the {@code other} one. */
  public FilterBank bank(String moment) {
    return FilterBank.of(layer(), kind(), TestNetworks.array(numbers(node.get(moment)), shape()));
  }

  public long[] shape() {
    return StreamSupport.stream(node.get("shape").spliterator(), false)
        .mapToLong(JsonNode::asLong)
        .toArray();
  }

  public static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  public double expected(String group, String figure) {
    return node.get(group).get(figure).asDouble();
  }

  @Override
  public String toString() {
    return layer();
  }
}
