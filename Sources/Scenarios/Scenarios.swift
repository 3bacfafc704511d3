import MeshCore
import Simulator
