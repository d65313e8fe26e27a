package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/**
 * The table of the layers that are known. Dense and merging layers are written here, all others in
 * classes by family. A row says which settings of a layer are read and which arrays it keeps.
 */
final class KnownLayers {

  private static final List<String> TYPES =
      List.of("float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16");

  private static final Map<String, Row> ROWS = rows();

  private final String source;
  private final Dialect dialect;

  /**
   * @param source what to call the file in messages
   */
  KnownLayers(String source, Dialect dialect) {
    this.source = source;
    this.dialect = dialect;
  }

  /** All rows, family by family. */
  static Map<String, List<Row>> families() {
    Map<String, List<Row>> families = new LinkedHashMap<>();
    families.put("Convolutions", ConvolutionLayers.ROWS);
    families.put("Dense layers", DenseLayers.ROWS);
    families.put("Activations", KerasActivations.ROWS);
    families.put("Normalisations", NormalisationLayers.ROWS);
    families.put("Pooling", SizeLayers.Pooling.ROWS);
    families.put("Resampling, padding and cropping", SizeLayers.Resampling.ROWS);
    families.put("Merging", Merging.ROWS);
    families.put("Shapes", SizeLayers.Reshaping.ROWS);
    families.put("Recurrent layers", RecurrentLayers.ROWS);
    families.put("Attention", AttentionLayers.ROWS);
    families.put("Preprocessing", PreprocessingLayers.ROWS);
    families.put("Wrappers", RecurrentLayers.Wrappers.ROWS);
    families.put("Layers of training alone", PreprocessingLayers.Training.ROWS);
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

  /** Whether a layer is called so, and no operator. */
  static boolean isLayerAlone(String className) {
    return ROWS.containsKey(className)
        && !Operators.names().contains(className.toLowerCase(Locale.ROOT));
  }

  String owner(KerasLayer layer) {
    return "%s: layer '%s' (%s)".formatted(source, layer.name(), layer.className());
  }

  /**
   * What is known of a layer.
   *
   * @throws PalimpsestException if it is not known
   */
  Row row(KerasLayer layer) {
    Row row = ROWS.get(layer.className());
    String module = layer.module();
    boolean ofKeras = isOfKeras(module) || layer.className().startsWith("Addons>");
    if (row == null || !ofKeras) {
      throw new PalimpsestException(
          "%s is of a class that is not known here%s. Export the network with torch.export or to ONNX, or take the layer out."
              .formatted(
                  owner(layer),
                  ofKeras
                      ? "; " + Names.known(layer.className(), ROWS.keySet())
                      : " (of " + module + "); those of Keras are"));
    }
    return row;
  }

  /** Whether what a file says of an object's module is of Keras, or nothing. */
  static boolean isOfKeras(String module) {
    return module.isEmpty()
        || module.equals("keras")
        || module.startsWith("keras.")
        || module.startsWith("tf_keras.");
  }

  /** The arrays that a layer keeps. */
  List<Role> roles(KerasLayer layer) {
    if (layer.isInput() || layer.isOperator()) {
      return List.of();
    }
    requireType(owner(layer), layer.config());
    Row row = row(layer);
    return row.roles().apply(settings(layer, row), this);
  }

  /** The settings of a layer, of which all are known. */
  KerasSettings settings(KerasLayer layer, Row row) {
    return row.settings(owner(layer), ofLayer(layer));
  }

  /** Without what the first layer of a sequence says of the input. */
  private static JsonNode ofLayer(KerasLayer layer) {
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

  /** Makes sure that a layer computes in floating numbers. */
  static void requireType(String owner, JsonNode config) {
    String type = type(config);
    JsonNode policy = config.path("dtype");
    boolean isKnown = TYPES.contains(type) && isOfKeras(policy.path("module").asText(""));
    if (!isKnown && !policy.isNull()) {
      throw new PalimpsestException(
          "%s: 'dtype' is %s, which is not known here: %s are. Networks that are quantised are not read; save the network as it was before."
              .formatted(owner, KerasSettings.shortened(policy), TYPES));
    }
  }

  Dialect dialect() {
    return dialect;
  }

  /** All arrays of a layer within another one. */
  List<Role> within(KerasLayer inner, String prefix, String place) {
    List<Role> roles = new ArrayList<>();
    roles(inner).forEach(role -> roles.add(role.within(prefix, place)));
    return roles;
  }

  /** Dense layers and embeddings: keras/src/layers/core. */
  private static final class DenseLayers {

    static final List<Row> ROWS =
        List.of(
            Row.of("Dense")
                .reads("units use_bias activation quantization_config")
                .ignores("input_dim input_length weights")
                .means("linear on the last axis; kernel (in, out) → (out, in)")
                .keeps(s -> Role.list("kernel", s.truth("use_bias", true) ? "bias" : ""))
                .gives(DenseLayers::dense),
            Row.of("EinsumDense")
                .reads("equation output_shape bias_axes activation quantization_config")
                .means("einsum, add")
                .keeps(s -> Role.list("kernel", s.node("bias_axes").isNull() ? "" : "bias"))
                .gives(DenseLayers::summed),
            Row.of("Embedding")
                .reads("input_dim output_dim mask_zero quantization_config")
                .ignores("input_length weights dropout")
                .means("embedding of the input as integers")
                .keeps("embeddings")
                .gives(DenseLayers::embedded));

    private static final Pattern EQUATION = Pattern.compile("([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)");

    private DenseLayers() {}

    private static Tensor dense(Call call) {
      KerasSettings settings = call.settings();
      settings.require("quantization_config");
      long units = settings.count("units");
      Tensor x = call.input();
      int last = x.rank() - 1;
      boolean biased = settings.truth("use_bias", true);
      if (biased && last > 1 && call.dialect().mayAddBiasOfDenseFirst()) {
        requireOneAxisOfBias(call, x, units);
      }
      Array kernel = call.array("kernel", x.extent(last), units).permuted(List.of(1, 0));
      @Nullable Value bias = biased ? call.parameter("bias", call.array("bias", units)) : null;
      Value value = call.ops().call("linear", x.value(), call.parameter("weight", kernel), bias);
      return call.activated(Tensor.of(value, x.shapeWith(last, units)));
    }

    /** Elsewhere than along the last axis the bias fits where there are as many steps as units. */
    private static void requireOneAxisOfBias(Call call, Tensor x, long units) {
      boolean fitsLastAlone = x.isKnown(1) && x.extent(1) != 1 && x.extent(1) != units;
      if (units != 1 && !fitsLastAlone) {
        throw call.refused(
            "adds its bias of %s to samples of the shape %s, which Keras 2.0.0 to 2.2.0 does along another axis if it was set to have channels first; the file does not tell. Save the network with a later Keras"
                .formatted(units, x.shape().subList(1, x.rank())));
      }
    }

    /** The first letter stands for the samples, on both sides. */
    private static Tensor summed(Call call) {
      KerasSettings settings = call.settings();
      settings.require("quantization_config");
      settings.passOver("output_shape");
      String equation = settings.text("equation", "").replace(" ", "");
      Matcher sides = EQUATION.matcher(equation);
      Tensor x = call.input();
      Array kernel = call.array("kernel");
      if (!sides.matches()
          || sides.group(1).charAt(0) != sides.group(3).charAt(0)
          || sides.group(2).indexOf(sides.group(1).charAt(0)) >= 0
          || sides.group(1).length() != x.rank()
          || sides.group(2).length() != kernel.rank()) {
        throw settings.wrong("equation", "an equation that keeps the samples, such as ab,bc->ac,");
      }
      List<Long> shape = new ArrayList<>();
      for (char axis : sides.group(3).toCharArray()) {
        int own = sides.group(1).indexOf(axis);
        shape.add(own >= 0 ? x.extent(own) : kernel.extent(sides.group(2).indexOf(axis)));
      }
      Ops ops = call.ops();
      Value weight = call.parameter("weight", kernel);
      Tensor y =
          Tensor.of(ops.call("einsum", equation, Argument.tensors(x.value(), weight)), shape);
      boolean biased = !settings.node("bias_axes").isNull();
      return call.activated(
          biased ? ops.alike(y, "add", y.value(), call.parameter("bias", call.array("bias"))) : y);
    }

    private static Tensor embedded(Call call) {
      KerasSettings settings = call.settings();
      settings.require("mask_zero", false);
      settings.require("quantization_config");
      long width = settings.count("output_dim");
      Array table = call.array("embeddings", settings.count("input_dim"), width);
      Tensor x = call.input();
      Value places =
          call.ops()
              .graph()
              .operator("to")
              .with(x.value(), ElementType.INT64, false, false)
              .value();
      List<Long> shape = new ArrayList<>(x.shape());
      shape.add(width);
      return Tensor.of(
          call.ops().call("embedding", call.parameter("weight", table), places), shape);
    }
  }

  /** Layers of several tensors: keras/src/layers/merging. */
  private static final class Merging {

    static final List<Row> ROWS =
        List.of(
            Row.of("Add").means("add, from the first on").gives(call -> folded(call, "add")),
            Row.of("Multiply").means("mul, from the first on").gives(call -> folded(call, "mul")),
            Row.of("Maximum").means("maximum").gives(call -> folded(call, "maximum")),
            Row.of("Minimum").means("minimum").gives(call -> folded(call, "minimum")),
            Row.of("Subtract").means("sub, of two").gives(Merging::difference),
            Row.of("Average").means("add, then div").gives(Merging::average),
            Row.of("Concatenate")
                .reads("axis")
                .means("cat")
                .gives(call -> concatenated(call, call.settings().integer("axis", -1))),
            Row.of("Dot")
                .reads("axes normalize")
                .means("bmm of the axes")
                .gives(call -> dot(call, call.settings().node("axes"))),
            Row.of("Merge")
                .reads("mode concat_axis dot_axes")
                .ignores(
                    "mode_type output_shape output_shape_type output_mask output_mask_type arguments")
                .means("Keras 1: as Add, Multiply, Average, Maximum, Concatenate")
                .gives(Merging::merged));

    private Merging() {}

    private static List<Tensor> several(Call call) {
      if (call.inputs().size() < 2) {
        throw call.refused("merges one tensor");
      }
      return matched(call);
    }

    /** Tensors of fewer axes get the axes that they lack behind the samples. */
    private static List<Tensor> matched(Call call) {
      int rank = call.inputs().stream().mapToInt(Tensor::rank).max().orElse(0);
      List<Tensor> all = new ArrayList<>();
      for (Tensor x : call.inputs()) {
        if (x.rank() != rank && call.dialect().major() == 1) {
          throw call.refused("merges tensors of different numbers of axes");
        }
        Tensor y = x;
        while (y.rank() < rank) {
          y = call.ops().unsqueezed(y, 1);
        }
        all.add(y);
      }
      return all;
    }

    private static Tensor folded(Call call, String operator) {
      return several(call).stream()
          .reduce((a, b) -> call.ops().pairwise(operator, a, b))
          .orElseThrow();
    }

    private static Tensor difference(Call call) {
      if (call.inputs().size() != 2) {
        throw call.refused("subtracts %s tensors, not two".formatted(call.inputs().size()));
      }
      return folded(call, "sub");
    }

    private static Tensor average(Call call) {
      return call.ops().each("div", folded(call, "add"), (double) call.inputs().size());
    }

    private static Tensor concatenated(Call call, long axis) {
      List<Tensor> all = call.inputs();
      int rank = all.isEmpty() ? 0 : all.get(0).rank();
      if (all.size() < 2 || all.stream().anyMatch(x -> x.rank() != rank)) {
        throw call.refused("concatenates tensors of different numbers of axes, or one");
      }
      int counted = call.axis("axis", axis, rank);
      if (counted == 0) {
        throw call.refused("concatenates along the axis of the samples");
      }
      return call.ops().concatenated(all, counted);
    }

    private static Tensor dot(Call call, JsonNode axes) {
      boolean normalised = call.settings().truth("normalize", false);
      if (call.inputs().size() != 2) {
        throw call.refused("multiplies %s tensors, not two".formatted(call.inputs().size()));
      }
      Ops ops = call.ops();
      List<Tensor> sides = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Tensor x = call.inputs().get(i);
        JsonNode own = axes.isArray() ? axes.path(i) : axes;
        if (!KerasSettings.isInteger(own) || x.rank() > 3 || x.rank() < 2) {
          throw call.settings().wrong("axes", "axes of tensors of 2 or 3 axes");
        }
        int axis = call.axis("axes", own.longValue(), x.rank());
        if (axis == 0) {
          throw call.settings().wrong("axes", "axes that are not the samples'");
        }
        Tensor unit = normalised ? unit(call, x, axis) : x;
        Tensor three = unit.rank() == 2 ? ops.unsqueezed(unit, 1) : unit;
        int place = unit.rank() == 2 ? 2 : axis;
        sides.add(ops.moved(three, place, i == 0 ? 2 : 1));
      }
      Tensor a = sides.get(0);
      Tensor b = sides.get(1);
      Tensor product =
          Tensor.of(
              ops.call("bmm", a.value(), b.value()),
              List.of(a.extent(0), a.extent(1), b.extent(2)));
      return withoutOnes(call, product);
    }

    private static Tensor unit(Call call, Tensor x, int axis) {
      return call.dialect().major() == 3
          ? NormalisationLayers.unitByNorm(call.ops(), x, List.of(axis), 1e-7)
          : NormalisationLayers.unitBySquare(call.ops(), x, List.of(axis), 1e-12);
    }

    /** The axes that were added for a tensor of two are taken away; one stays. */
    private static Tensor withoutOnes(Call call, Tensor product) {
      boolean first = call.inputs().get(0).rank() == 2;
      boolean second = call.inputs().get(1).rank() == 2;
      if (first) {
        return call.ops().at(product, 1, 0);
      }
      return second ? call.ops().at(product, 2, 0) : product;
    }

    private static Tensor merged(Call call) {
      KerasSettings settings = call.settings();
      String mode = settings.choice("mode", "sum", "sum", "mul", "ave", "max", "concat");
      settings.passOver("dot_axes");
      long axis = settings.integer("concat_axis", -1);
      return switch (mode) {
        case "sum" -> folded(call, "add");
        case "mul" -> folded(call, "mul");
        case "max" -> folded(call, "maximum");
        case "ave" -> average(call);
        default -> concatenated(call, axis);
      };
    }
  }
}
