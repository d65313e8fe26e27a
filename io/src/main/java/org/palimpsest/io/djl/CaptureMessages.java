package org.palimpsest.io.djl;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.text.Names;

/** What to say when a network and probes do not go together. */
record CaptureMessages(Path file, Probes probes, boolean takesList) {

  private static final String FIXED =
      "Code that was traced may hold the number of probes that it was traced with: save the network by torch.jit.script, or with x.size(0) in place of that number.";

  private static final int MOST_NAMES = 10;
  private static final int FEW = 3;

  /** How what the code of a graph raises ends. */
  private static final String AS_ITS_FILE_SAYS = ", as its file says";

  PalimpsestException refusal(Throwable failure) {
    String told = NativeMessage.of(failure);
    if (told.endsWith(AS_ITS_FILE_SAYS)) {
      return new PalimpsestException(
          "%s gives something else than it says, shown probes of shape %s: %s. Show probes of the sizes that it was exported with, or export it again with another version of PyTorch."
              .formatted(file, Arrays.toString(probes.shape()), told),
          failure);
    }
    return new PalimpsestException(
        "%s cannot take these probes of shape %s: %s"
            .formatted(file, Arrays.toString(probes.shape()), told),
        failure);
  }

  PalimpsestException otherSizes(Throwable failure, int divisor, List<Long> fitting) {
    return new PalimpsestException(
        "%s cannot take these probes of shape %s: %s. It runs with sizes that are multiples of %s, such as %s for each probe."
            .formatted(
                file,
                Arrays.toString(probes.shape()),
                NativeMessage.of(failure).replaceFirst("\\.$", ""),
                divisor,
                fitting),
        failure);
  }

  PalimpsestException noSamples(String layer, long[] shape, long size) {
    return new PalimpsestException(
        String.format(
            Locale.ROOT,
            ("Layer '%s' of %s answers %d probes with the shape %s, in which no dimension is the"
                + " probes', so it cannot be captured. Choose other layers."),
            layer,
            file,
            size,
            Arrays.toString(shape)));
  }

  PalimpsestException twice(String layer) {
    return new PalimpsestException(
        "%s has two layers that would be called '%s': a module's own name looks like what tells a second call or a part of a result. Rename the module and save the network again."
            .formatted(file, layer));
  }

  PalimpsestException tooMany(int layers, int most) {
    return new PalimpsestException(
        "%s gives %s layers and results; no more than %s of one network are captured. Does it return a list or dictionary that could be left out?"
            .formatted(file, layers, most));
  }

  PalimpsestException nothingToCapture(List<String> leftOut) {
    String list =
        takesList
            ? " It takes a list of tensors, of which each probe was one. To show all probes as one"
                + " tensor x, wrap it in a module that takes x and calls it with [x]."
            : "";
    return new PalimpsestException(
        "%s has no layer among those asked for in whose answers a dimension is the probes': %s.%s"
            .formatted(file, Names.shortened(leftOut, FEW), list));
  }

  String answer(String layer, long[] shape, long size) {
    return "'%s' answers %s probes with the shape %s"
        .formatted(layer, size, Arrays.toString(shape));
  }

  String leftOut(String layer, long[] shape, long size) {
    return "left out layer '%s': it answers %s probes with the shape %s, in which no dimension is the probes'"
        .formatted(layer, size, Arrays.toString(shape));
  }

  PalimpsestException mixed(String layer) {
    return new PalimpsestException(
        "Layer '%s' of %s has no row for each probe: a row changes with the order of the probes that are shown together, so it cannot be captured. %s"
            .formatted(layer, file, FIXED));
  }

  String leftOutMixed(List<String> layers) {
    return "left out layers whose rows are not the probes', since they change with the order of the probes that are shown together: %s. %s"
        .formatted(Names.shortened(layers, MOST_NAMES), FIXED);
  }

  String dependent(List<String> layers, int size) {
    return "depends on which probes are shown together, here in batches of %s, and gives other values in other batches: %s"
        .formatted(size, Names.shortened(layers, MOST_NAMES));
  }

  String random() {
    return "draws random numbers in evaluation mode: another run gives other values";
  }

  /** What a network gives that remembers what it was shown before. */
  String keepsState(List<Long> sizes) {
    String batches = sizes.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "changes its own state in every run: these are the values of a first pass from the state in the file, in batches of %s probes; in other batches they would be others"
        .formatted(batches);
  }

  PalimpsestException notAlwaysRun(String layer, long from, long to) {
    return new PalimpsestException(
        String.format(
            Locale.ROOT,
            ("%s runs its layer '%s' for some probes only, not for those from %d to %d. Name the layers"
                + " that you want and leave this one out."),
            file,
            layer,
            from,
            to - 1));
  }
}
