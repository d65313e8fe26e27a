package org.palimpsest.io.dl4j;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.binary.Shapes;
import org.palimpsest.io.hdf5.Hdf5Numbers;

/**
 * Hands each layer of DL4J's Keras import its weights.
 *
 * <p>They lie in a group of the layer's name, under paths such as {@code conv/kernel:0} (Keras 2),
 * {@code network/conv/kernel} (Keras 3) or {@code conv_W} (Keras 1).
 */
final class KerasWeights {

  private static final Pattern COUNT = Pattern.compile(":\\d+$");
  private static final String FORWARD = "forward";
  private static final String BACKWARD = "backward";

  /** In the order in which Keras keeps the weights of a layer, whatever their names say. */
  private static final List<String> IN_ORDER =
      List.of(
          "kernel",
          "recurrent_kernel",
          "bias",
          "W",
          "b",
          "gamma",
          "beta",
          "moving_mean",
          "moving_variance",
          "running_mean",
          "running_std");

  private KerasWeights() {}

  static void read(Path file, KerasFile contents, Collection<KerasLayer> layers)
      throws InvalidKerasConfigurationException {
    try (HdfFile hdf = new HdfFile(file)) {
      Group all = contents.hasWeightsGroup() ? (Group) hdf.getChild(KerasFile.WEIGHTS) : hdf;
      Set<String> owners = new HashSet<>();
      for (KerasLayer layer : layers) {
        if (layer.getNumParams() > 0) {
          layer.setWeights(weightsOf(file, all, layer));
          owners.add(layer.getLayerName());
        }
      }
      requireAllUsed(file, all, owners);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError damage) {
      throw KerasFile.damaged(file, damage);
    }
  }

  private static Map<String, INDArray> weightsOf(Path file, Group all, KerasLayer layer) {
    Map<String, INDArray> weights = new LinkedHashMap<>();
    String name = layer.getLayerName();
    if (all.getChildren().get(name) instanceof Group own) {
      collect(file, own, "", name, weights);
      requireOrder(file, own, name, weights.keySet());
    }
    if (weights.size() != layer.getNumParams()) {
      throw new PalimpsestException(
          "%s holds %d arrays for layer '%s' (%s), which has %d weights. Is it the file of this architecture?"
              .formatted(file, weights.size(), name, layer.getClassName(), layer.getNumParams()));
    }
    weights.forEach((weight, values) -> requireRank(file, layer, weight, values));
    return weights;
  }

  /** Keras takes the weights that a layer lists by their places, the import by their names. */
  private static void requireOrder(Path file, Group group, String layer, Set<String> stored) {
    Attribute attribute = group.getAttribute("weight_names");
    if (attribute == null || !(attribute.getData() instanceof String[] listed)) {
      return;
    }
    List<String> names =
        Arrays.stream(listed).map(path -> parameterName(layer, "/" + path)).toList();
    List<String> inOrder =
        names.stream().sorted(Comparator.comparingInt(KerasWeights::place)).toList();
    if (!names.equals(inOrder) || !stored.equals(Set.copyOf(names))) {
      throw new PalimpsestException(
          "%s: layer '%s' lists its weights (weight_names) as %s, where %s were expected; Keras reads them by their places. It is not read."
              .formatted(file, layer, names, stored.equals(Set.copyOf(names)) ? inOrder : stored));
    }
  }

  private static int place(String parameter) {
    boolean backward = parameter.startsWith(BACKWARD + "_");
    String own =
        parameter.substring(
            parameter.startsWith(FORWARD + "_")
                ? FORWARD.length() + 1
                : backward ? BACKWARD.length() + 1 : 0);
    return IN_ORDER.indexOf(own) + (backward ? IN_ORDER.size() : 0);
  }

  /** ND4J recurses without end on arrays of too few axes. */
  private static void requireRank(Path file, KerasLayer layer, String weight, INDArray values) {
    int kernel =
        switch (layer.getClassName()) {
          case "Conv2D", "Convolution2D", "Conv2DTranspose" -> 4;
          case "Conv1D" -> 3;
          default -> 2;
        };
    boolean isKernel = weight.endsWith("kernel") || weight.equals("W") || weight.endsWith("_W");
    int rank = isKernel ? kernel : 1;
    if (values.rank() != rank) {
      throw new PalimpsestException(
          "%s: %s of layer '%s' (%s) has the shape %s; %d axes were expected."
              .formatted(
                  file,
                  weight,
                  layer.getLayerName(),
                  layer.getClassName(),
                  Arrays.toString(values.shape()),
                  rank));
    }
  }

  private static void requireAllUsed(Path file, Group all, Set<String> owners) {
    for (Node node : all) {
      boolean used = node instanceof Group && owners.contains(node.getName());
      if (!used && holdsArrays(node)) {
        throw new PalimpsestException(
            "%s holds arrays under '%s' that no layer of the architecture takes. Is it the file of this architecture?"
                .formatted(file, node.getPath()));
      }
    }
  }

  private static boolean holdsArrays(Node node) {
    if (!(node instanceof Group group)) {
      return node instanceof Dataset;
    }
    for (Node inner : group) {
      if (holdsArrays(inner)) {
        return true;
      }
    }
    return false;
  }

  private static void collect(
      Path file, Group group, String path, String layer, Map<String, INDArray> weights) {
    for (Node node : group) {
      String inner = path + "/" + node.getName();
      if (node instanceof Group child) {
        collect(file, child, inner, layer, weights);
      } else if (node instanceof Dataset dataset) {
        String parameter = parameterName(layer, inner);
        if (weights.put(parameter, values(file, dataset)) != null) {
          throw new PalimpsestException(
              "%s holds %s of layer '%s' twice.".formatted(file, parameter, layer));
        }
      }
    }
  }

  /** The parameter's own name, with the direction of a bidirectional layer before it. */
  private static String parameterName(String layer, String path) {
    String last = COUNT.matcher(path.substring(path.lastIndexOf('/') + 1)).replaceFirst("");
    String own = last.startsWith(layer + "_") ? last.substring(layer.length() + 1) : last;
    if (path.contains("/" + FORWARD + "_")) {
      return FORWARD + "_" + own;
    }
    return path.contains("/" + BACKWARD + "_") ? BACKWARD + "_" + own : own;
  }

  private static INDArray values(Path file, Dataset dataset) {
    long[] shape = Arrays.stream(dataset.getDimensions()).asLongStream().toArray();
    Shapes.requireRank(shape.length, "Weight '%s' in %s".formatted(dataset.getPath(), file));
    float[] values = floats(file, dataset);
    if (Arrays.stream(shape).reduce(1, Math::multiplyExact) != values.length) {
      throw new PalimpsestException(
          "%s is damaged: '%s' of the shape %s holds %d values."
              .formatted(file, dataset.getPath(), Arrays.toString(shape), values.length));
    }
    return Nd4j.create(values, shape, 'c');
  }

  private static float[] floats(Path file, Dataset dataset) {
    String source = "Weight '%s' in %s".formatted(dataset.getPath(), file);
    Hdf5Numbers.Numbers numbers = Hdf5Numbers.read(dataset.getHdfFile(), dataset, source);
    if (!numbers.type().isFloating()) {
      throw new PalimpsestException(source + " is not of a floating type.");
    }
    float[] values = new float[numbers.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) numbers.get(i);
    }
    return values;
  }

  /**
   * Holds each weight against the parameter that it is for: ND4J would copy what does not fit.
   *
   * @param target the layer of the network that this one became
   */
  static void requireFits(Path file, KerasLayer layer, Layer target) {
    Map<String, INDArray> weights = layer.getWeights();
    for (Map.Entry<String, INDArray> weight : weights.entrySet()) {
      INDArray own = target.getParam(weight.getKey());
      INDArray values = weight.getValue();
      if (own == null || !Arrays.equals(expected(layer, own), withoutOnes(values))) {
        throw new PalimpsestException(
            "%s: layer '%s' has %s of the shape %s, the file %s."
                .formatted(
                    file,
                    layer.getLayerName(),
                    weight.getKey(),
                    own == null ? "none" : Arrays.toString(own.shape()),
                    Arrays.toString(values.shape())));
      }
    }
  }

  /** The import turns the kernels of one dimension around when it copies them. */
  private static long[] expected(KerasLayer layer, INDArray own) {
    boolean turned = layer.getClassName().equals("Conv1D") && own.rank() == 4;
    return withoutOnes(turned ? own.permute(3, 2, 1, 0) : own);
  }

  /** Vectors are rows in DL4J. */
  private static long[] withoutOnes(INDArray values) {
    return Arrays.stream(values.shape()).filter(size -> size != 1).toArray();
  }
}
