package org.palimpsest.reproduction.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.palimpsest.reproduction.training.UNetDesign.Normalisation;
import org.palimpsest.reproduction.training.torchscript.ScriptModule;
import org.palimpsest.reproduction.training.torchscript.Slot;
import org.palimpsest.reproduction.training.torchscript.Slot.Role;

/** A U-Net's modules and the shapes of their tensors. */
final class UNetModules {

  private static final int KERNEL = 3;
  private static final int SCALE = 2;

  private final UNetDesign design;

  private UNetModules(UNetDesign design) {
    this.design = design;
  }

  static ScriptModule of(UNetDesign design) {
    return new UNetModules(design).network();
  }

  private ScriptModule network() {
    ScriptModule network = ScriptModule.of("UNet");
    int channels = 1;
    for (int level = 1; level <= design.depth(); level++) {
      network = network.with("enc" + level, block(channels, design.channels(level)));
      channels = design.channels(level);
    }
    network = network.with("pool", ScriptModule.of(design.type("MaxPool")));
    for (int level = design.depth() - 1; level >= 1; level--) {
      int narrower = design.channels(level);
      network = network.with("up" + level, upsampling(channels, narrower));
      network = network.with("dec" + level, block(2 * narrower, narrower));
      channels = narrower;
    }
    return network.with("out", convolution(channels, 1, 1));
  }

  private ScriptModule block(int inputs, int outputs) {
    ScriptModule block =
        ScriptModule.of("Block")
            .with("conv1", convolution(inputs, outputs, KERNEL))
            .with("norm1", normalisation(outputs))
            .with("relu1", ScriptModule.of("ReLU"))
            .with("conv2", convolution(outputs, outputs, KERNEL))
            .with("norm2", normalisation(outputs))
            .with("relu2", ScriptModule.of("ReLU"));
    return design.residual() ? block.with("skip", convolution(inputs, outputs, 1)) : block;
  }

  private ScriptModule convolution(int inputs, int outputs, int kernel) {
    int fanIn = inputs * volume(kernel);
    return ScriptModule.of(design.type("Conv"))
        .with("weight", new Slot(Role.KERNEL, shape(outputs, inputs, kernel), fanIn))
        .with("bias", vector(Role.BIAS, outputs))
        .with("padding", kernel / 2);
  }

  /** Its stride is its kernel size, so that each output has the inputs of one position alone. */
  private ScriptModule upsampling(int inputs, int outputs) {
    return ScriptModule.of(design.type("ConvTranspose"))
        .with("weight", new Slot(Role.KERNEL, shape(inputs, outputs, SCALE), inputs))
        .with("bias", vector(Role.BIAS, outputs));
  }

  private ScriptModule normalisation(int channels) {
    ScriptModule affine =
        ScriptModule.of(design.normalisationType())
            .with("weight", vector(Role.SCALE, channels))
            .with("bias", vector(Role.SHIFT, channels));
    return design.normalisation() == Normalisation.INSTANCE
        ? affine
        : affine
            .with("running_mean", vector(Role.MEAN, channels))
            .with("running_var", vector(Role.VARIANCE, channels));
  }

  private static Slot vector(Role role, int channels) {
    return new Slot(role, List.of(channels), 1);
  }

  private List<Integer> shape(int first, int second, int kernel) {
    List<Integer> shape = new ArrayList<>(List.of(first, second));
    shape.addAll(Collections.nCopies(design.dimensions(), kernel));
    return shape;
  }

  private int volume(int kernel) {
    return design.dimensions() == 2 ? kernel * kernel : kernel * kernel * kernel;
  }
}
