package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A custom block: fields of concrete classes, a shared activation, one block nobody registered. */
final class TinyUNet extends AbstractBlock {

  private final SequentialBlock encoder;
  private final Conv2d bottom;
  private final LambdaBlock relu;
  private final Dropout dropout;
  private final Conv2d head;
  private final LambdaBlock up =
      LambdaBlock.singleton(x -> x.repeat(2, 2).repeat(3, 2), "up"); // not a child

  TinyUNet() {
    encoder =
        addChildBlock(
            "encoder",
            new SequentialBlock()
                .add(conv(4))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock()));
    bottom = addChildBlock("bottom", conv(6));
    relu = addChildBlock("relu", (LambdaBlock) Activation.reluBlock());
    dropout = addChildBlock("dropout", Dropout.builder().optRate(0.5f).build());
    head = addChildBlock("head", conv(2));
  }

  static TinyUNet initialised(NDManager manager) {
    TinyUNet network = new TinyUNet();
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 8, 8));
    return network;
  }

  private static Conv2d conv(int channels) {
    return Conv2d.builder()
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .setFilters(channels)
        .build();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList skip = encoder.forward(store, inputs, training);
    NDArray pooled = Pool.maxPool2dBlock(new Shape(2, 2)).forward(store, skip, training).head();
    NDList deep =
        relu.forward(store, bottom.forward(store, new NDList(pooled), training), training);
    deep = dropout.forward(store, deep, training);
    deep = up.forward(store, deep, training);
    NDArray joined = deep.head().concat(skip.head(), 1);
    NDList last = relu.forward(store, head.forward(store, new NDList(joined), training), training);
    last.head().muli(3); // in place, after the activation was captured
    return new NDList(last.head(), joined.mean(new int[] {3}).mean(new int[] {2}));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
    Shape in = shapes[0];
    encoder.initialize(manager, type, in);
    Shape half = new Shape(in.get(0), 4, in.get(2) / 2, in.get(3) / 2);
    bottom.initialize(manager, type, half);
    Shape deep = new Shape(in.get(0), 6, in.get(2) / 2, in.get(3) / 2);
    relu.initialize(manager, type, deep);
    dropout.initialize(manager, type, deep);
    head.initialize(manager, type, new Shape(in.get(0), 10, in.get(2), in.get(3)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    Shape in = shapes[0];
    return new Shape[] {new Shape(in.get(0), 2, in.get(2), in.get(3)), new Shape(in.get(0), 10)};
  }

  Block bottom() {
    return bottom;
  }
}
