package org.palimpsest.io.internal.nnunet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;

class NnUnetRunsTest {

  private static final String TRAINER = "nnUNetTrainer__nnUNetPlans__2d";

  @TempDir private Path root;

  /** A file of torch.save that holds a dictionary of one small number. */
  private void save(String file, String entry, int epoch) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.resolveSibling(""));
    try (OutputStream out = Files.newOutputStream(path);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      String key = "X" + (char) entry.length() + "\0\0\0" + entry;
      String pickle = "\u0080\u0002}" + key + "K" + (char) epoch + "s.";
      zip.write(pickle.getBytes(StandardCharsets.ISO_8859_1));
      zip.putNextEntry(new ZipEntry("archive/version"));
      zip.write("3\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private void saveV2(String file, int epoch) throws IOException {
    save(file, "current_epoch", epoch);
  }

  private NnUnetRuns runs(String folder) {
    return NnUnetRuns.in(root.resolve(folder), NetworkOptions.none()).orElseThrow();
  }

  private static List<Long> steps(TrainingRun run) {
    return run.checkpoints().stream().map(Checkpoint::step).toList();
  }

  @Test
  void foldsAreRunsAndEpochsAreSteps() throws IOException {
    saveV2(TRAINER + "/fold_0/checkpoint_final.pth", 100);
    saveV2(TRAINER + "/fold_0/checkpoint_best.pth", 64);
    saveV2(TRAINER + "/fold_0/checkpoint_epoch_10.pth", 10);
    saveV2(TRAINER + "/fold_10/checkpoint_latest.pth", 50);
    saveV2(TRAINER + "/fold_2/checkpoint_final.pth", 100);
    saveV2(TRAINER + "/fold_all/checkpoint_final.pth", 100);
    Files.createDirectories(root.resolve(TRAINER + "/crossval_results_folds_0_1_2_3_4"));

    NnUnetRuns found = runs(TRAINER);

    assertThat(found.runs())
        .extracting(TrainingRun::name)
        .containsExactly("fold_0", "fold_2", "fold_10", "fold_all");
    assertThat(found.runs()).allMatch(run -> run.initialisation().equals("nnUNetTrainer"));
    assertThat(steps(found.runs().get(0))).containsExactly(10L, 64L, 100L);
    assertThat(found.notes())
        .containsExactly(
            "fold_10 has no final checkpoint: its last one, checkpoint_latest.pth, is of epoch 50");
  }

  @Test
  void ofOneEpochTheFinalCheckpointCountsThenTheBestAndTheOthersAreNamed() throws IOException {
    saveV2(TRAINER + "/fold_0/checkpoint_best.pth", 7);
    saveV2(TRAINER + "/fold_0/checkpoint_final.pth", 7);
    saveV2(TRAINER + "/fold_1/checkpoint_latest.pth", 5);
    saveV2(TRAINER + "/fold_1/checkpoint_best.pth", 5);
    saveV2(TRAINER + "/fold_1/checkpoint_5.pth", 5);

    NnUnetRuns found = runs(TRAINER);

    assertThat(found.runs().get(0).end().location()).endsWith("checkpoint_final.pth");
    assertThat(found.runs().get(1).checkpoints()).hasSize(1);
    assertThat(found.runs().get(1).end().location()).endsWith("checkpoint_best.pth");
    assertThat(found.notes())
        .hasSize(4)
        .anyMatch(note -> note.endsWith("it is of epoch 7 like checkpoint_final.pth"))
        .anyMatch(note -> note.contains("checkpoint_latest.pth left out: it is of epoch 5"))
        .contains(
            "fold_1 has no final checkpoint: its last one, checkpoint_best.pth, is of epoch 5");
  }

  @Test
  void version1TellsItsEpochToo() throws IOException {
    save("T__P/all/model_final_checkpoint.model", "epoch", 40);
    save("T__P/all/model_ep_020.model", "epoch", 20);
    save("T__P/fold_0/model_best.model", "epoch", 31);

    NnUnetRuns found = runs("T__P");

    assertThat(found.runs()).extracting(TrainingRun::name).containsExactly("fold_0", "fold_all");
    assertThat(steps(found.runs().get(1))).containsExactly(20L, 40L);
  }

  @Test
  void aFoldAloneIsAStudyOfOneRun() throws IOException {
    saveV2(TRAINER + "/fold_3/checkpoint_final.pth", 9);

    TrainingRun run = runs(TRAINER + "/fold_3").runs().get(0);

    assertThat(run.name()).isEqualTo("fold_3");
    assertThat(run.initialisation()).isEqualTo("nnUNetTrainer");
  }

  @Test
  void theTrainersOfADataSetAreGroups() throws IOException {
    saveV2("Dataset001_X/" + TRAINER + "/fold_0/checkpoint_final.pth", 9);
    saveV2("Dataset001_X/nnUNetTrainerBN__nnUNetPlans__2d/fold_0/checkpoint_final.pth", 9);

    assertThat(runs("Dataset001_X").runs())
        .extracting(TrainingRun::name)
        .containsExactly("nnUNetTrainerBN/fold_0", "nnUNetTrainer/fold_0");

    saveV2("Dataset001_X/nnUNetTrainer__nnUNetResEncUNetMPlans__2d/fold_0/checkpoint_final.pth", 9);
    assertThat(runs("Dataset001_X").runs())
        .extracting(TrainingRun::initialisation)
        .containsExactly("nnUNetTrainerBN", TRAINER, "nnUNetTrainer__nnUNetResEncUNetMPlans__2d");

    saveV2("Dataset001_X/nnUNetTrainer__nnUNetPlans__3d_fullres/fold_0/checkpoint_final.pth", 9);
    assertThatThrownBy(() -> runs("Dataset001_X"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("several configurations")
        .hasMessageContaining("nnUNetTrainer__nnUNetPlans__3d_fullres");
  }

  @Test
  void aFoldOrACheckpointCanBeChosen() throws IOException {
    saveV2(TRAINER + "/fold_0/checkpoint_final.pth", 9);
    saveV2(TRAINER + "/fold_0/checkpoint_best.pth", 7);
    saveV2(TRAINER + "/fold_1/checkpoint_final.pth", 9);
    Path folder = root.resolve(TRAINER);
    NetworkOptions none = NetworkOptions.none();

    assertThat(NnUnetRuns.in(folder, none.withFold("1")).orElseThrow().runs()).hasSize(1);
    assertThat(NnUnetRuns.in(folder, none.withCheckpoint("final")).orElseThrow().runs())
        .flatExtracting(TrainingRun::checkpoints)
        .hasSize(2);
    assertThatThrownBy(() -> NnUnetRuns.in(folder, none.withFold("4")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no such checkpoint of fold 4");
  }

  @Test
  void whatCannotBeReadIsNamedAndTheRestIsThere() throws IOException {
    saveV2(TRAINER + "/fold_0/checkpoint_final.pth", 9);
    save(TRAINER + "/fold_0/checkpoint_best.pth", "something", 7);
    Files.writeString(root.resolve(TRAINER + "/fold_0/checkpoint_latest.pth"), "");

    NnUnetRuns found = runs(TRAINER);

    assertThat(steps(found.runs().get(0))).containsExactly(9L);
    assertThat(found.unread())
        .hasSize(2)
        .anyMatch(why -> why.contains("checkpoint_best.pth") && why.contains("its epoch"))
        .anyMatch(why -> why.contains("checkpoint_latest.pth"));
  }

  @Test
  void otherFoldersAreNone() throws IOException {
    saveV2("random/seed0/step_0.pth", 0);

    assertThat(NnUnetRuns.in(root, NetworkOptions.none())).isEmpty();
    assertThat(NnUnetRuns.in(root.resolve("random"), NetworkOptions.none())).isEmpty();
  }

  @Test
  void asOneNetworkTheResultsOfSeveralTrainersAreRefusedByName() throws IOException {
    saveV2("D/" + TRAINER + "/fold_0/checkpoint_final.pth", 9);
    saveV2("D/Other__nnUNetPlans__2d/fold_0/checkpoint_final.pth", 9);

    assertThatThrownBy(() -> Inputs.open(root.resolve("D")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(TRAINER)
        .hasMessageContaining("Other__nnUNetPlans__2d")
        .hasMessageContaining("'track'");
  }
}
