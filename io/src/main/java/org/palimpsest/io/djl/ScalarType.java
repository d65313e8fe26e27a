package org.palimpsest.io.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The types of PyTorch that a network may want its input in, with PyTorch's numbers for them. */
enum ScalarType {
  FLOAT32(6, "FloatStorage"),
  FLOAT16(5, "HalfStorage"),
  BFLOAT16(15, "BFloat16Storage"),
  FLOAT64(7, "DoubleStorage"),
  INT64(4, "");

  private final int number;
  private final String storage;

  ScalarType(int number, String storage) {
    this.number = number;
    this.storage = storage;
  }

  int number() {
    return number;
  }

  /** The type that a network is known to want, if probes can be handed over in it. */
  static Optional<ScalarType> of(OptionalInt number) {
    return Arrays.stream(values()).filter(t -> OptionalInt.of(t.number).equals(number)).findFirst();
  }

  /** The types in which a network with such tensors may want its input, likeliest first. */
  static List<ScalarType> candidates(Set<String> storages, boolean wholeNumbers) {
    List<ScalarType> found = new ArrayList<>();
    for (ScalarType type : values()) {
      if (storages.contains(type.storage)) {
        found.add(type);
      }
    }
    if (found.isEmpty()) {
      found.add(FLOAT32);
    }
    if (wholeNumbers) {
      found.add(INT64);
    }
    return found;
  }
}
