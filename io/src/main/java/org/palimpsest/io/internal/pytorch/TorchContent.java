package org.palimpsest.io.internal.pytorch;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.pickle.Global;

/** What torch.save or TorchScript wrote: a pickled value, and the storages that it names. */
interface TorchContent {

  /** The value, its tensors described but not read. */
  Object saved();

  /** The classes and functions that its pickle names, in its order. */
  Set<Global> named();

  /** What is to be said of the file beside what it holds; all of it after {@link #read}. */
  default List<String> notes() {
    return List.of();
  }

  /**
   * Reads the storages that are needed.
   *
   * @param watched the file since before its pickle was read
   */
  void read(UnchangedFile watched, TensorAssembly assembly) throws IOException;
}
