package org.palimpsest.io.pytorch;

import java.io.IOException;
import java.util.Set;
import org.palimpsest.io.pickle.Global;

/** What torch.save or TorchScript wrote: a pickled value, and the storages that it names. */
interface TorchContent {

  /** The value, its tensors described but not read. */
  Object saved();

  /** The classes and functions that its pickle names, in its order. */
  Set<Global> named();

  /** Reads the storages that are needed. */
  void read(TensorAssembly assembly) throws IOException;
}
