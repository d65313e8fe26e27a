package org.palimpsest.io.dl4j;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.config.KerasModelConfiguration;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.InputFiles;

/** Builds a network of DL4J from the architecture and the weights of one of Keras. */
final class KerasImport {

  private KerasImport() {}

  static Walk read(Path file, KerasFile contents, KerasArchitecture architecture) {
    KerasModelBuilder builder =
        new KerasModelBuilder(new KerasModelConfiguration())
            .modelJson(architecture.json())
            .enforceTrainingConfig(false);
    try {
      if (architecture.isSequential()) {
        KerasSequentialModel model = builder.buildSequential();
        requirePossible(file, parametersOf(model.getMultiLayerConfiguration()));
        MultiLayerNetwork network = model.getMultiLayerNetwork(false);
        fill(file, contents, network, model, network::getLayer);
        return new SequenceWalk(network);
      }
      KerasModel model = builder.buildModel();
      requirePossible(file, parametersOf(model.getComputationGraphConfiguration()));
      ComputationGraph graph = model.getComputationGraph(false);
      GraphWalk walk = new GraphWalk(graph);
      walk.requireOneInput(file.toString());
      fill(file, contents, graph, model, graph::getLayer);
      return walk;
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (UnsupportedKerasConfigurationException
        | InvalidKerasConfigurationException
        | IOException
        | RuntimeException
        | StackOverflowError
        | OutOfMemoryError failure) {
      throw new PalimpsestException(
          "%s: DL4J's Keras import cannot read it: %s".formatted(file, firstLine(failure)),
          failure);
    }
  }

  private static String firstLine(Throwable failure) {
    if (failure instanceof ClassCastException || failure instanceof ArithmeticException) {
      return "a setting of one of its layers has a value or a type that it does not take (%s)"
          .formatted(failure);
    }
    String message = failure.getMessage();
    return message == null ? failure.toString() : message.lines().findFirst().orElse("");
  }

  private static long parametersOf(MultiLayerConfiguration configuration) {
    return configuration.getConfs().stream()
        .mapToLong(layer -> layer.getLayer().initializer().numParams(layer))
        .reduce(0, Math::addExact);
  }

  private static long parametersOf(ComputationGraphConfiguration configuration) {
    return configuration.getVertices().values().stream()
        .mapToLong(vertex -> vertex.numParams(false))
        .reduce(0, Math::addExact);
  }

  /** All parameters come from the file: no memory is asked for on the word of its architecture. */
  private static void requirePossible(Path file, long parameters) {
    if (parameters < 0 || parameters > InputFiles.size(file)) {
      throw new PalimpsestException(
          "%s has %d bytes, which cannot hold the %d parameters of its architecture."
              .formatted(file, InputFiles.size(file), parameters));
    }
  }

  private static void fill(
      Path file,
      KerasFile contents,
      Model network,
      KerasModel model,
      Function<String, Layer> layers)
      throws InvalidKerasConfigurationException {
    KerasWeights.read(file, contents, model.getLayers().values());
    for (KerasLayer layer : model.getLayers().values()) {
      if (layer.getNumParams() > 0) {
        KerasWeights.requireFits(file, layer, layers.apply(layer.getLayerName()));
      }
    }
    KerasModelUtils.copyWeightsToModel(network, model.getLayers());
  }
}
