package org.palimpsest.io.study;

import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.Networks;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.file.Sha256;
import org.palimpsest.io.weights.WeightFiles;

/** Opens the files of checkpoints: TorchScript archives. */
public final class CheckpointFiles implements Networks {

  @Override
  public String contentHash(Checkpoint checkpoint) {
    return Sha256.of(Path.of(checkpoint.location()));
  }

  @Override
  public ActivationSource open(Checkpoint checkpoint) {
    return TorchScriptNetwork.open(Path.of(checkpoint.location()));
  }

  @Override
  public Weights weights(Checkpoint checkpoint) {
    return WeightFiles.read(Path.of(checkpoint.location()));
  }
}
