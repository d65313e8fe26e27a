package org.palimpsest.reproduction.training;

import java.util.List;
import java.util.Map;
import org.palimpsest.reproduction.training.torchscript.ScriptArchive;
import org.palimpsest.reproduction.training.torchscript.ScriptModule;
import org.palimpsest.reproduction.training.torchscript.Slot;

/** A U-Net's architecture, which together with a {@link NetworkState} makes a network. */
public final class UNet {

  private final UNetDesign design;
  private final ScriptModule modules;
  private final String code;

  private UNet(UNetDesign design) {
    this.design = design;
    this.modules = UNetModules.of(design);
    this.code = UNetCode.of(design, modules);
  }

  public static UNet of(UNetDesign design) {
    return new UNet(design);
  }

  public UNetDesign design() {
    return design;
  }

  /** Its tensors by path, in the order in which they are kept. */
  public Map<String, Slot> slots() {
    return modules.slots();
  }

  List<String> paths() {
    return List.copyOf(slots().keySet());
  }

  /** The network as a TorchScript archive, which this library, DJL and PyTorch read. */
  public byte[] archive(NetworkState state) {
    return ScriptArchive.write(modules, code, state.tensors());
  }
}
