package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/** The layers that are known, and what of a file they are held against. */
final class LayerTable {

  private static final List<String> TYPES =
      List.of("float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16");

  private static final Map<String, Row> ROWS = rows();

  private final String source;
  private final Dialect dialect;

  /**
   * @param source what to call the file in messages
   */
  LayerTable(String source, Dialect dialect) {
    this.source = source;
    this.dialect = dialect;
  }

  /** All rows, family by family. */
  static Map<String, List<Row>> families() {
    Map<String, List<Row>> families = new LinkedHashMap<>();
    families.put("Convolutions", Convolutions.ROWS);
    families.put("Dense layers", DenseLayers.ROWS);
    families.put("Activations", Activations.ROWS);
    families.put("Normalisations", Normalisations.ROWS);
    families.put("Pooling", Pooling.ROWS);
    families.put("Resampling, padding and cropping", Resampling.ROWS);
    families.put("Merging", Merging.ROWS);
    families.put("Shapes", Reshaping.ROWS);
    families.put("Recurrent layers", Recurrent.ROWS);
    families.put("Attention", Attention.ROWS);
    families.put("Preprocessing", Preprocessing.ROWS);
    families.put("Wrappers", Wrappers.ROWS);
    families.put("Layers of training alone", TrainingLayers.ROWS);
    return families;
  }

  private static Map<String, Row> rows() {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (List<Row> family : families().values()) {
      for (Row row : family) {
        for (String name : row.classes()) {
          if (rows.put(name, row) != null) {
            throw new IllegalStateException("two rows of " + name);
          }
        }
      }
    }
    return rows;
  }

  /** The names of all layers that are known. */
  static List<String> classes() {
    return List.copyOf(ROWS.keySet());
  }

  String owner(Layer layer) {
    return "%s: layer '%s' (%s)".formatted(source, layer.name(), layer.className());
  }

  /**
   * What is known of a layer.
   *
   * @throws PalimpsestException if it is not known
   */
  Row row(Layer layer) {
    Row row = ROWS.get(layer.className());
    String module = layer.module();
    boolean ofKeras =
        module.isEmpty()
            || module.startsWith("keras.")
            || module.startsWith("tf_keras.")
            || module.equals("keras")
            || layer.className().startsWith("Addons>");
    if (row == null || !ofKeras) {
      throw new PalimpsestException(
          "%s is of a class that is not known here%s. Export the network with torch.export or to ONNX, or take the layer out."
              .formatted(owner(layer), ofKeras ? "" : " (of " + module + ")"));
    }
    return row;
  }

  /** The arrays that a layer keeps. */
  List<Role> roles(Layer layer) {
    if (layer.isInput() || layer.isOperator()) {
      return List.of();
    }
    requireType(layer);
    Row row = row(layer);
    return row.roles().apply(settings(layer, row), this);
  }

  /** The settings of a layer, of which all are known. */
  Settings settings(Layer layer, Row row) {
    return row.settings(owner(layer), ofLayer(layer));
  }

  /** Without what the first layer of a sequence says of the input. */
  private static JsonNode ofLayer(Layer layer) {
    JsonNode config = layer.config().deepCopy();
    if (config instanceof ObjectNode object) {
      object.remove(List.of("batch_input_shape", "batch_shape"));
    }
    return config;
  }

  /** The type that a layer computes in. */
  static String type(JsonNode config) {
    JsonNode type = config.path("dtype");
    return type.isObject()
        ? type.path("class_name").asText().contains("Quantized")
            ? "quantised"
            : type.path("config").path("name").asText("")
        : type.asText("float32");
  }

  private void requireType(Layer layer) {
    String type = type(layer.config());
    if (!TYPES.contains(type) && !layer.config().path("dtype").isNull()) {
      throw new PalimpsestException(
          "%s: 'dtype' is %s, which is not known here: %s are. Networks that are quantised are not read; save the network as it was before."
              .formatted(owner(layer), Settings.shortened(layer.config().path("dtype")), TYPES));
    }
  }

  Dialect dialect() {
    return dialect;
  }

  /** All arrays of a layer within another one. */
  List<Role> within(Layer inner, String prefix, String place) {
    List<Role> roles = new ArrayList<>();
    roles(inner).forEach(role -> roles.add(role.within(prefix, place)));
    return roles;
  }
}
