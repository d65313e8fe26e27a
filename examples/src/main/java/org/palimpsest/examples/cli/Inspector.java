package org.palimpsest.examples.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.examples.cli.Inspection.Part;
import org.palimpsest.io.dl4j.Dl4jNetwork;
import org.palimpsest.io.dl4j.KerasNetwork;
import org.palimpsest.io.dl4j.KerasSignature;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyHeader;
import org.palimpsest.io.npy.NpzActivations;
import org.palimpsest.io.onnx.OnnxOutline;
import org.palimpsest.io.onnx.OnnxWeights;
import org.palimpsest.io.torchscript.TorchScriptArchive;
import org.palimpsest.io.weights.WeightFiles;

/** Looks into files; runs nothing from them. */
final class Inspector {

  private Inspector() {}

  static Inspection inspect(Path file) {
    Inspection found = Inspection.of(FileKind.of(file));
    try {
      return lookInto(file, found);
    } catch (PalimpsestException damaged) {
      return found.noting(List.of(String.valueOf(damaged.getMessage())));
    }
  }

  private static Inspection lookInto(Path file, Inspection found) {
    return switch (found.kind()) {
      case TORCHSCRIPT -> torchScript(file, found);
      case TORCH_CHECKPOINT, TORCH_MODULE, TORCH_LEGACY ->
          weights(file, found.writtenBy("PyTorch"));
      case SAFETENSORS -> weights(file, found);
      case NPZ -> archive(file, found);
      case NPY -> found.with("arrays", List.of(part("", NpyFile.header(file))));
      case HDF5 -> hdf5(file, found);
      case FOLDER -> found.with("arrays", unread(Dumps.open(file).layers()));
      case DL4J -> network(Dl4jNetwork.open(file), found.writtenBy("Deeplearning4j"));
      case ONNX -> onnx(file, found);
      default -> found;
    };
  }

  private static Inspection torchScript(Path file, Inspection found) {
    TorchScriptArchive archive = TorchScriptArchive.open(file);
    List<String> notes = new ArrayList<>();
    notes.add("the network's class is " + archive.rootClass());
    notes.add("saved in " + (archive.savedInTrainingMode() ? "training" : "evaluation") + " mode");
    notes.add("its layers: see what 'capture' prints, which needs probes");
    return weights(file, found.writtenBy("PyTorch, TorchScript format " + archive.formatVersion()))
        .noting(notes);
  }

  private static Inspection weights(Path file, Inspection found) {
    Weights weights = WeightFiles.read(file);
    return found.with("tensors", parts(weights)).noting(weights.provenance().notes());
  }

  private static List<Part> parts(Weights weights) {
    return weights.tensors().stream()
        .map(t -> new Part(t.name(), Arrays.toString(t.values().shape()), t.dtype()))
        .toList();
  }

  private static Inspection archive(Path file, Inspection found) {
    NpzActivations arrays = NpzActivations.open(file);
    List<Part> parts =
        arrays.layers().stream().map(layer -> part(layer, arrays.header(layer))).toList();
    if (!arrays.probes().isKnown()) {
      return found.with("arrays", parts).noting(arrays.provenance().notes());
    }
    List<String> notes = new ArrayList<>();
    notes.add("captured from " + arrays.provenance().origin());
    notes.addAll(arrays.provenance().notes());
    notes.add("fingerprint of the probes: " + arrays.probes().value());
    return found.writtenBy("Palimpsest").with("layers", parts).noting(notes);
  }

  private static Inspection hdf5(Path file, Inspection found) {
    return KerasSignature.isIn(file)
        ? network(KerasNetwork.open(file), found.writtenBy("Keras"))
        : found.with("arrays", unread(Dumps.open(file).layers()));
  }

  private static Inspection network(Dl4jNetwork network, Inspection found) {
    return found
        .with(network.layers())
        .with("tensors", parts(network.weights()))
        .noting(network.provenance().notes());
  }

  private static Inspection onnx(Path file, Inspection found) {
    OnnxOutline outline = OnnxOutline.read(file);
    return found
        .writtenBy(outline.producer())
        .with(outline.layers())
        .with("tensors", parts(OnnxWeights.read(file)))
        .noting(List.of("its inputs: " + String.join(", ", outline.inputs())));
  }

  private static List<Part> unread(List<String> names) {
    return names.stream().map(name -> new Part(name, "", "")).toList();
  }

  private static Part part(String name, NpyHeader header) {
    return new Part(name, header.shape().toString(), header.type().element().displayName());
  }
}
