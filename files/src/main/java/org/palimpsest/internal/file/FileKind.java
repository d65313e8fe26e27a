package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a file is, told by its content and never by its name, except for the second file of a volume
 * that is in two, whose content is voxels alone.
 *
 * <p>Telling is cheap (a few kilobytes are read, of a ZIP archive its directory too) and is no
 * promise that the file is whole.
 */
public enum FileKind {
  NPY("a NumPy array (.npy)", "as activations of one layer, or as probes"),
  NPZ("a NumPy archive of arrays (.npz)", "as activations"),
  TORCHSCRIPT("a TorchScript model", "as a model, or for its weights"),
  TORCH_EXPORT(
      "a program that PyTorch's torch.export saved (.pt2)", "as a model, or for its weights"),
  TORCH_CHECKPOINT(
      "PyTorch weights (a state dict or training checkpoint), without the network's code",
      "for its weights; as a model with --architecture FILE.json (inspect --draft writes a first"
          + " one), or exported from Python with torch.export.save"),
  TORCH_MODULE(
      "a pickled PyTorch module, whose code is not in the file",
      "for its weights at best; save the state_dict() for its weights, or export the network with"
          + " torch.export.save to run it"),
  TORCH_LEGACY(
      "a PyTorch file in the format from before version 1.6, without the network's code",
      "for its weights; as a model with --architecture FILE.json (inspect --draft writes a first"
          + " one), or exported from Python with torch.export.save"),
  TORCH_DISTRIBUTED(
      "a part of a distributed PyTorch checkpoint (.distcp), which is several archives in one file",
      "for nothing here; make one file of its folder with"
          + " torch.distributed.checkpoint.format_utils.dcp_to_torch_save(folder, file)"),
  TORCH_DISTRIBUTED_FOLDER(
      "a folder of a distributed PyTorch checkpoint (.distcp)",
      "for nothing here; make one file of it with"
          + " torch.distributed.checkpoint.format_utils.dcp_to_torch_save(folder, file)"),
  PICKLE(
      "a Python pickle that torch.save did not write",
      "for nothing here, unless it is nnU-Net v1's (plans.pkl); save arrays with NumPy"),
  SAFETENSORS("a safetensors file", "for its weights, or as activations"),
  HDF5("an HDF5 file", "as activations, or as a Keras model and for its weights"),
  ONNX("an ONNX model", "as a model, if the optional ONNX runtime is there, or for its weights"),
  DL4J("a saved DL4J network", "as a model, or for its weights"),
  SAMEDIFF(
      "a network that ND4J's SameDiff saved (FlatBuffers)",
      "for nothing here; write what its layers give for the probes (SameDiff.output) as one .npy a"
          + " layer (Nd4j.writeAsNumpy), and compare that folder"),
  KERAS_ARCHIVE("a Keras 3 archive (.keras)", "as a model, or for its weights"),
  ZIP("a ZIP archive of something else", "for nothing here"),
  DAMAGED_ZIP(
      "a damaged, truncated or harmful ZIP archive", "for nothing here; copy or write it again"),
  UNREAD_ZIP("a ZIP archive that is not read", "for nothing here"),
  PNG("a PNG image", "as a probe"),
  TIFF("a TIFF image", "as a probe"),
  GIF("a GIF image", "as a probe"),
  JPEG("a JPEG image", "as a probe"),
  BMP("a BMP image", "as a probe"),
  NIFTI(
      "a NIfTI volume",
      "as a probe, prepared as when the network was trained (patches) or as it is"),
  VOLUME_PART(
      "one of the two files (.hdr and .img) of a NIfTI or Analyze volume",
      "for nothing here; save the volume as one file (.nii), as nibabel.save(nibabel.load(FILE),"
          + " 'volume.nii') does"),
  UNMARKED_VOLUME(
      "an Analyze volume, or a NIfTI volume whose header has lost its mark (n+1)",
      "for nothing here; save it anew as NIfTI (.nii), after a look at whether its axes and voxels"
          + " are right"),
  NRRD("an NRRD volume", FileKind.SAVE_AS_NIFTI),
  META_IMAGE("a MetaImage volume", FileKind.SAVE_AS_NIFTI),
  MATLAB(
      "a MATLAB file of version 4 to 7",
      "for nothing here; save it in MATLAB with -v7.3, or its arrays by numpy.savez"),
  TORCH_TAR(
      "a PyTorch file in the tar format of before version 0.2",
      "for nothing here; load it with torch.load and save the state_dict() again"),
  GIT_LFS(
      "a Git LFS pointer and not the file that it stands for",
      "for nothing here; fetch the file itself with `git lfs pull`"),
  HTML(
      "an HTML page, as servers send in place of a file that they do not give",
      "for nothing here; download the file itself"),
  GZIP("a file packed by gzip", "for nothing here; unpack it first (gunzip)"),
  TAR("a tar archive", "for nothing here; unpack it first (tar -xf)"),
  SEVEN_ZIP("a 7z archive", "for nothing here; unpack it first"),
  PACKED("a packed file (xz, bzip2, Zstandard or RAR)", "for nothing here; unpack it first"),
  TEXT("plain text", "for nothing here"),
  EMPTY("an empty file", "for nothing here; perhaps it was not written to the end"),
  FOLDER("a folder", "as activations if it holds .npy files, as probes if it holds images"),
  UNKNOWN("a file of no known format", "for nothing here");

  private static final String SAVE_AS_NIFTI =
      "for nothing here; save it as NIfTI, as SimpleITK.WriteImage(SimpleITK.ReadImage(FILE),"
          + " 'volume.nii.gz') does";

  private final String description;
  private final String use;

  FileKind(String description, String use) {
    this.description = description;
    this.use = use;
  }

  /**
   * Tells what a file is.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is no such file or it cannot be read
   */
  public static FileKind of(Path file) {
    if (Files.isDirectory(file)) {
      return isDistributed(file) ? TORCH_DISTRIBUTED_FOLDER : FOLDER;
    }
    InputFiles.requireFile(file);
    try {
      return Sniffer.sniff(file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static boolean isDistributed(Path folder) {
    if (!Files.exists(folder.resolve(".metadata"))) {
      return false;
    }
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*.distcp")) {
      return parts.iterator().hasNext();
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }

  /** What it is, in words that continue the sentence "this is …". */
  public String description() {
    return description;
  }

  /**
   * What a file of this kind is, with what is wrong with it where that can be told; in words that
   * continue the sentence "this is …".
   */
  public String describe(Path file) {
    return this == DAMAGED_ZIP || this == UNREAD_ZIP
        ? ZipSniffer.damage(file).map(why -> description + " (" + why + ")").orElse(description)
        : description;
  }

  /** How it can be used here, in words that continue the sentence "it can be used …". */
  public String use() {
    return use;
  }

  /** Whether it is one image or volume that can be shown to a network. */
  public boolean isImage() {
    return switch (this) {
      case PNG, TIFF, GIF, JPEG, BMP, NIFTI -> true;
      default -> false;
    };
  }
}
