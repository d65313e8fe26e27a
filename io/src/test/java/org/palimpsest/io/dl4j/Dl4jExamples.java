package org.palimpsest.io.dl4j;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks of DL4J. */
public final class Dl4jExamples {

  private Dl4jExamples() {}

  private static NeuralNetConfiguration.Builder builder() {
    return new NeuralNetConfiguration.Builder().seed(5).convolutionMode(ConvolutionMode.Same);
  }

  private static ConvolutionLayer convolution(int channels, int kernel, Activation activation) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nOut(channels)
        .activation(activation)
        .build();
  }

  /** A U-Net whose first activation is used three times, once by a layer that works in place. */
  static ComputationGraph unet(CNN2DFormat format) {
    ComputationGraphConfiguration configuration =
        builder()
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(8, 8, 2, format))
            .addLayer("enc", convolution(4, 3, Activation.IDENTITY), "image")
            .addLayer("norm", new BatchNormalization.Builder().build(), "enc")
            .addLayer("relu", new ActivationLayer(Activation.RELU), "enc")
            .addLayer(
                "pool",
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                "norm")
            .addLayer("bottom", convolution(6, 3, Activation.RELU), "pool")
            .addLayer("drop", new DropoutLayer(0.5), "bottom")
            .addLayer("up", new Upsampling2D.Builder(2).build(), "drop")
            .addLayer(
                "upconv",
                new Deconvolution2D.Builder(2, 2)
                    .stride(2, 2)
                    .nOut(4)
                    .activation(Activation.TANH)
                    .build(),
                "drop")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "relu", "upconv")
            .addVertex("join", new MergeVertex(), "up", "sum", "enc")
            .addLayer("head", convolution(1, 1, Activation.IDENTITY), "join")
            .addLayer(
                "loss",
                new CnnLossLayer.Builder(LossFunction.XENT)
                    .activation(Activation.SIGMOID)
                    .format(format)
                    .build(),
                "head")
            .setOutputs("loss")
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    graph.getLayer("norm").getParam("mean").assign(0.1);
    graph.getLayer("norm").getParam("log10stdev").assign(0.2);
    return graph;
  }

  /** A classifier: convolution, in-place activation, pooling, two dense layers. */
  public static MultiLayerNetwork classifier() {
    return initialised(
        new MultiLayerNetwork(
            builder()
                .list()
                .layer(convolution(3, 3, Activation.IDENTITY))
                .layer(new ActivationLayer(Activation.LEAKYRELU))
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
                .layer(
                    new DenseLayer.Builder()
                        .nOut(7)
                        .dropOut(0.5)
                        .activation(Activation.TANH)
                        .build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 2))
                .build()));
  }

  static MultiLayerNetwork recurrent() {
    return initialised(
        new MultiLayerNetwork(
            builder()
                .list()
                .layer(new LSTM.Builder().nOut(5).activation(Activation.TANH).build())
                .layer(
                    new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.recurrent(3))
                .build()));
  }

  static MultiLayerNetwork volumetric(Convolution3D.DataFormat format) {
    return initialised(
        new MultiLayerNetwork(
            builder()
                .list()
                .layer(
                    new Convolution3D.Builder(2, 2, 2)
                        .nOut(3)
                        .dataFormat(format)
                        .activation(Activation.RELU)
                        .build())
                .layer(
                    new Convolution3D.Builder(1, 1, 1)
                        .nOut(2)
                        .dataFormat(format)
                        .activation(Activation.TANH)
                        .build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.convolutional3D(format, 4, 4, 4, 1))
                .build()));
  }

  private static MultiLayerNetwork initialised(MultiLayerNetwork network) {
    network.init();
    return network;
  }
}
