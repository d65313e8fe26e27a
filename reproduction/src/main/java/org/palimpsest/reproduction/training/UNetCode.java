package org.palimpsest.reproduction.training;

import java.util.Map;
import java.util.stream.Collectors;
import org.palimpsest.reproduction.training.UNetDesign.Normalisation;
import org.palimpsest.reproduction.training.torchscript.ScriptModule;
import org.palimpsest.reproduction.training.torchscript.Slot;

/**
 * Writes the TorchScript of a U-Net's classes: one class per kind of module, as PyTorch would save
 * it, and beside {@code forward} a method {@code state} that gives all tensors, since DJL shows the
 * parameters of a module but not its running statistics.
 */
final class UNetCode {

  private static final String HEAD =
      """
      class %s(Module):
        __parameters__ = [%s]
        __buffers__ = [%s]
        training : bool
      """;

  private final UNetDesign design;
  private final ScriptModule network;
  private final StringBuilder code = new StringBuilder();

  private UNetCode(UNetDesign design, ScriptModule network) {
    this.design = design;
    this.network = network;
  }

  static String of(UNetDesign design, ScriptModule network) {
    return new UNetCode(design, network).write();
  }

  private String write() {
    writeNetwork();
    writeBlock();
    writeConvolutions();
    writeNormalisation();
    writeRest();
    return code.toString();
  }

  private void writeNetwork() {
    begin(network);
    forward("UNet", "x");
    locals(network);
    line("e1 = (enc1).forward(x, )");
    for (int level = 2; level <= design.depth(); level++) {
      line("p%s = (pool).forward(e%s, )", level, level - 1);
      line("e%s = (enc%s).forward(p%s, )", level, level, level);
    }
    String below = "e" + design.depth();
    for (int level = design.depth() - 1; level >= 1; level--) {
      line("u%s = (up%s).forward(%s, )", level, level, below);
      line("c%s = torch.cat([u%s, e%s], 1)", level, level, level);
      line("d%s = (dec%s).forward(c%s, )", level, level, level);
      below = "d" + level;
    }
    line("return (out).forward(%s, )", below);
    String tensors =
        network.slots().keySet().stream().map(p -> "self." + p).collect(Collectors.joining(", "));
    code.append("  def state(self: __torch__.UNet) -> List[Tensor]:\n");
    line("return [%s]", tensors);
  }

  private void writeBlock() {
    ScriptModule block = network.child("enc1");
    begin(block);
    forward("Block", "x");
    locals(block);
    line("a = (relu1).forward((norm1).forward((conv1).forward(x, ), ), )");
    line("b = (norm2).forward((conv2).forward(a, ), )");
    if (design.residual()) {
      line("c = torch.add(b, (skip).forward(x, ))");
    }
    line("return (relu2).forward(%s, )", design.residual() ? "c" : "b");
  }

  private void writeConvolutions() {
    begin(network.child("out"));
    forward(design.type("Conv"), "input");
    locals(network.child("out"));
    line(
        "return torch.conv%sd(input, weight, bias, %s, %s, %s)",
        design.dimensions(), each("1"), each("padding"), each("1"));
    begin(network.child("up1"));
    forward(design.type("ConvTranspose"), "input");
    locals(network.child("up1"));
    line(
        "return torch.conv_transpose%sd(input, weight, bias, %s, %s, %s, 1, %s)",
        design.dimensions(), each("2"), each("0"), each("0"), each("1"));
  }

  private void writeNormalisation() {
    ScriptModule block = network.child("enc1");
    ScriptModule norm = block.child("norm1");
    begin(norm);
    forward(norm.type(), "input");
    locals(norm);
    if (design.dimensions() == 2) { // narrow convolutions train a third faster with channels last
      line("if self.training:");
      line("  input0 = torch.contiguous(input, memory_format=2)");
      line("else:");
      line("  input0 = input");
    } else {
      line("input0 = input");
    }
    if (design.normalisation() == Normalisation.BATCH) {
      line("training = self.training");
      line(
          "return torch.batch_norm(input0, weight, bias, running_mean, running_var,"
              + " training, 0.1, 1.0e-05, True)");
    } else {
      line(
          "return torch.instance_norm(input0, weight, bias, None, None, True, 0.1, 1.0e-05, True)");
    }
  }

  private void writeRest() {
    begin(ScriptModule.of("ReLU"));
    forward("ReLU", "input");
    line("return torch.relu(input)");
    begin(ScriptModule.of(design.type("MaxPool")));
    forward(design.type("MaxPool"), "input");
    line(
        "return torch.max_pool%sd(input, %s, %s, %s, %s, False)",
        design.dimensions(), each("2"), each("2"), each("0"), each("1"));
  }

  private void begin(ScriptModule module) {
    code.append(HEAD.formatted(module.type(), slots(module, true), slots(module, false)));
    module
        .attributes()
        .forEach((name, value) -> code.append("  %s : %s\n".formatted(name, typeOf(value))));
  }

  private static String slots(ScriptModule module, boolean trained) {
    return module.attributes().entrySet().stream()
        .filter(a -> a.getValue() instanceof Slot slot && slot.role().trained() == trained)
        .map(a -> "\"" + a.getKey() + "\", ")
        .collect(Collectors.joining());
  }

  private static String typeOf(Object attribute) {
    if (attribute instanceof ScriptModule child) {
      return "__torch__." + child.type();
    }
    return attribute instanceof Slot ? "Tensor" : "int";
  }

  private void forward(String type, String input) {
    code.append("  def forward(self: __torch__.%s,\n".formatted(type));
    code.append("    %s: Tensor) -> Tensor:\n".formatted(input));
  }

  private void locals(ScriptModule module) {
    for (Map.Entry<String, Object> attribute : module.attributes().entrySet()) {
      line("%s = self.%s", attribute.getKey(), attribute.getKey());
    }
  }

  private void line(String format, Object... values) {
    code.append("    ").append(format.formatted(values)).append('\n');
  }

  private String each(String value) {
    return design.dimensions() == 2
        ? "[%s, %s]".formatted(value, value)
        : "[%s, %s, %s]".formatted(value, value, value);
  }
}
