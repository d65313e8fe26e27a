package org.palimpsest.io.internal.pytorch;

import org.palimpsest.io.internal.binary.ElementType;

/**
 * A storage and the type as which its numbers are wanted.
 *
 * @param key the storage's name in its file
 */
record StorageSlot(String key, ElementType type) {

  static StorageSlot of(TensorRef tensor) {
    return new StorageSlot(tensor.storage().key(), tensor.type());
  }
}
