package org.palimpsest.io.pytorch;

import java.io.IOException;

/** What torch.save or TorchScript wrote: a pickled value, and the storages that it names. */
interface TorchContent {

  /** The value, its tensors described but not read. */
  Object saved();

  /** Reads the storages that are needed. */
  void read(TensorAssembly assembly) throws IOException;
}
